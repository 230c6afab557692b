// What the page asks the Worker. A refusal is an error with its code; an outage is not a sign-out.

export async function ask(path, method = 'GET') {
  const answer = await fetch(`/api/${path}`, { method, headers: { accept: 'application/json' } });
  const body = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.detail), body, { status: answer.status });
  return body;
}

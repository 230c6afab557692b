// Answers as a `Response`, for `edgeseal/fetch` and `edgeseal/hono`. Decides nothing.

export const responseOf = ({ status, headers, body }) => new Response(body, { status, headers });

/** What the handler makes of a request, finished. */
export async function finished(core, passage, handle) {
  return finish(core, passage, await orFailure(passage, handle));
}

/** The same response with the cookies in it. A connection of another kind is passed on untouched: it has no headers to speak of. */
export function finish(core, passage, response) {
  if (response.status === 101 || response.webSocket) return response;
  // The headers of redirects and of what `fetch` has brought cannot be changed.
  const own = new Response(passage.isPreflight ? null : response.body, response);
  if (passage.isPreflight) own.headers.delete('content-length');
  core.finish(passage, own.headers);
  return own;
}

/**
 * What the handler gives. One that throws while there are new cookies is answered here: what the runtime would answer could not bring them, and
 * the refresh token before is used up.
 */
export async function orFailure({ cookies }, handle) {
  try {
    return await handle();
  } catch (error) {
    if (cookies.length === 0) throw error;
    console.error(error);
    return new Response('Internal Server Error', { status: 500 });
  }
}

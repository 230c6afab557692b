// A Worker bound as UPSTREAM: says what it received, or does what its path says. Runs in workerd; holds no test.

export default {
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case '/leave':
        return Response.redirect('https://other.example/', 302);
      case '/throw':
        throw new Error('the site behind is broken');
      case '/socket':
        return socket();
      default:
        return echo(request);
    }
  },
};

async function echo(request) {
  const headers = new Headers([['set-cookie', 'a=1'], ['set-cookie', 'b=2']]);
  const { method, url } = request;
  return Response.json({ method, url, body: await request.text(), headers: Object.fromEntries(request.headers) }, { status: 202, headers });
}

function socket() {
  const [theirs, ours] = Object.values(new WebSocketPair());
  ours.accept();
  ours.addEventListener('message', ({ data }) => ours.send(`echo: ${data}`));
  return new Response(null, { status: 101, webSocket: theirs, headers: { 'sec-websocket-protocol': 'chat' } });
}

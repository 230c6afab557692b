// A WorkOS that answers what a test says: one script per client id, so that the same script can be put before two clients.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { exportJWK, generateKeyPair } from 'jose';

import { sign } from './provider.mjs';

export async function startScripted() {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const key = { ...(await exportJWK(publicKey)), kid: 'key_1', alg: 'RS256', use: 'sig' };
  const scripts = new Map();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const body = text === '' ? undefined : JSON.parse(text);
    const url = new URL(request.url, 'http://localhost');
    const client = body?.client_id ?? request.headers.authorization?.replace('Bearer ', '') ?? url.pathname.split('/').at(-1);
    const script = scripts.get(client) ?? {};
    const call = { method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams), body };
    script.calls?.push(call);
    const answer = url.pathname.startsWith('/sso/jwks/') ? (script.keys ?? { body: { keys: [key] } }) : script.answer;
    const { status = 200, body: content = {}, headers = {}, drop = false } = (typeof answer === 'function' ? await answer(call) : answer) ?? { status: 404 };
    if (drop) return request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1', ...headers });
    response.end(typeof content === 'string' ? content : JSON.stringify(content));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    key,
    place: { apiHostname: '127.0.0.1', port, https: false },
    mint: (claims, header) => sign(privateKey, claims, header),
    /** What this client is answered. Its API key is its id too. */
    script: (clientId, script) => scripts.set(clientId, script),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

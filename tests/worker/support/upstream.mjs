// A site behind the gateway that remembers what it received. Answers 200 unless told otherwise. Holds no test.

import { once } from 'node:events';
import http from 'node:http';

/** @typedef {{ method: string, target: string, headers: Record<string, any>, rawHeaders: string[], body: Buffer }} Received */

export async function startUpstream() {
  /** @type {Received[]} */
  let received = [];
  let respond = ordinary;
  const server = http.createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const { method, url: target, headers, rawHeaders } = request;
    const entry = { method, target, headers, rawHeaders, body: Buffer.concat(pieces) };
    received.push(entry);
    respond(entry, response);
  });
  server.on('upgrade', (request, socket) => {
    received.push({ method: request.method, target: request.url, headers: request.headers, rawHeaders: request.rawHeaders, body: Buffer.alloc(0) });
    socket.on('error', () => {});
    respond({ isUpgrade: true, headers: request.headers }, socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests: () => received,
    last: () => received.at(-1),
    clear() {
      received = [];
      respond = ordinary;
    },
    /** How the next requests are answered. @param {(received: Received, response: http.ServerResponse) => void} how */
    answerWith: (how) => (respond = how),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function ordinary(received, response) {
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end(`upstream: ${received.method} ${received.target}`);
}

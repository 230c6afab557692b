// Requests as they are, without what `fetch` adds, forbids, follows or normalises. Holds no test.

import http from 'node:http';

const PATIENCE_MS = 20_000;

/**
 * One request. `target` goes on the wire as it stands.
 * @param {URL} address
 * @param {string} target
 * @param {{ method?: string, headers?: Record<string, string | string[]> | string[], body?: string | Buffer | import('node:stream').Readable, signal?: AbortSignal }} [options]
 * @returns {Promise<Answer>}
 *
 * @typedef {{ status: number, headers: Record<string, any>, setCookies: string[], body: string, bytes: Buffer, json: () => any }} Answer
 */
export function send(address, target, { method = 'GET', headers = {}, body, signal } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: address.hostname, port: address.port, path: target, method, headers, signal, agent: false });
    request.setTimeout(PATIENCE_MS, () => request.destroy(new Error(`${method} ${target}: no answer in ${PATIENCE_MS} ms`)));
    request.on('error', reject);
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(answerOf(response, Buffer.alloc(0)));
    });
    request.on('response', (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => resolve(answerOf(response, Buffer.concat(pieces))));
    });
    if (typeof body?.pipe === 'function') body.pipe(request);
    else request.end(body);
  });
}

/** @returns {Answer} */
function answerOf(response, bytes) {
  const body = bytes.toString();
  return {
    status: response.statusCode,
    headers: response.headers,
    setCookies: response.headers['set-cookie'] ?? [],
    body,
    bytes,
    json: () => JSON.parse(body),
  };
}

/** What a browser says of itself when it opens a page, and when a script of the site fetches something. */
export const DOCUMENT = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' };
export const SCRIPT = { accept: '*/*', 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' };
export const IMAGE = { accept: 'image/*', 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors', 'sec-fetch-site': 'same-origin' };

/** A `Set-Cookie` line in parts; attribute names in lower case, those without a value are true. */
export function parseSetCookie(line) {
  const [pair, ...attributes] = line.split(';').map((part) => part.trim());
  const [name, value] = splitOnce(pair);
  return { name, value, attributes: Object.fromEntries(attributes.map((attribute) => {
    const [key, content] = splitOnce(attribute);
    return [key.toLowerCase(), content ?? true];
  })) };
}

function splitOnce(text) {
  const index = text.indexOf('=');
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

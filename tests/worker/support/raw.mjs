// Requests byte by byte: targets that no client would send, header names in any spelling, several lines of one header.
// Holds no test.

import net from 'node:net';

const PATIENCE_MS = 20_000;

/**
 * One request on a connection of its own. Everything goes out as it stands, one byte for each character.
 * @param {URL} address
 * @param {string} target
 * @param {{ method?: string, headers?: [string, string][], body?: string }} [options]
 * @returns {Promise<{ status: number, headers: [string, string][], header: (name: string) => string | undefined, body: string, json: () => any }>}
 */
export function sendRaw(address, target, { method = 'GET', headers = [], body = '' } = {}) {
  const lines = [['host', address.host], ['connection', 'close'], ...(body && [['content-length', String(body.length)]]), ...headers];
  const text = `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(address.port), address.hostname);
    const pieces = [];
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`${method} ${target}: no answer in ${PATIENCE_MS} ms`)));
    socket.on('error', reject);
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('end', () => resolve(parse(Buffer.concat(pieces))));
    socket.write(text, 'latin1');
  });
}

function parse(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  const [statusLine, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = lines.map((line) => {
    const at = line.indexOf(':');
    return /** @type {[string, string]} */ ([line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]);
  });
  const header = (name) => headers.find(([own]) => own === name)?.[1];
  const rest = bytes.subarray(end + 4);
  const body = (/chunked/i.test(header('transfer-encoding') ?? '') ? unchunk(rest) : rest).toString();
  return { status: Number(statusLine.split(' ')[1]), headers, header, body, json: () => JSON.parse(body) };
}

function unchunk(bytes) {
  const pieces = [];
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const length = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    if (!length) break;
    pieces.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
  return Buffer.concat(pieces);
}

// What each participant weighs in a Worker: bundled and minified as for workerd, and compressed.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

import { OURS, PORTABLE } from './participants.mjs';
import { bundling, esbuild } from './workerd.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Only what authenticating takes is asked for; the rest is left out as far as a package lets itself be shaken. */
const PEERS = {
  '@workos-inc/node': "export { WorkOS } from '@workos-inc/node'",
  'jose: jwtVerify, createRemoteJWKSet': "export { jwtVerify, createRemoteJWKSet } from 'jose'",
  'iron-webcrypto: unseal': "export { unseal, defaults } from 'iron-webcrypto'",
  'iron-session: unsealData': "export { unsealData } from 'iron-session'",
};

export async function measureSizes({ relaxed, portable }) {
  const ours = Object.entries({ [OURS]: relaxed, [PORTABLE]: portable }).map(async ([name, folder]) => {
    const glue = await bundled(`export * from ${JSON.stringify(path.join(folder, 'edgeseal.js'))}`);
    return { name, ...sum([fs.readFileSync(path.join(folder, 'edgeseal_bg.wasm')), glue]) };
  });
  const peers = Object.entries(PEERS).map(async ([name, contents]) => ({ name, ...sum([await bundled(contents)]) }));
  return Promise.all([...ours, ...peers]);
}

async function bundled(contents) {
  const { outputFiles } = await esbuild.build({ ...bundling, stdin: { contents, resolveDir: HERE }, write: false });
  return outputFiles[0].contents;
}

const sum = (parts) => ({ raw: total(parts, (part) => part), gzip: total(parts, gzip), brotli: total(parts, zlib.brotliCompressSync) });

const gzip = (bytes) => zlib.gzipSync(bytes, { level: 9 });

const total = (parts, change) => parts.reduce((bytes, part) => bytes + change(part).length, 0);

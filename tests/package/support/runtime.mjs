// What `program.mjs` is given, by whichever way a runtime is given things. Holds no test.

import fs from 'node:fs';

import { startProvider } from '../../../dev/src/provider.mjs';
import { sessionOf } from './conformance.mjs';

export const PROGRAM = fs.readFileSync(new URL('program.mjs', import.meta.url), 'utf8');

/** A program that runs it, in an ES module beside a copy of it. */
export const byImport = (given) => `import * as edgeseal from 'edgeseal';
import { edgeseal as guard } from 'edgeseal/fetch';
import { program } from './program.mjs';
console.log(await program(edgeseal, ${JSON.stringify(given)}, guard));
`;

/** The same in a CommonJS module. */
export const byRequire = (given) => `const edgeseal = require('edgeseal');
const { edgeseal: guard } = require('edgeseal/fetch');
import('./program.mjs').then(({ program }) => program(edgeseal, ${JSON.stringify(given)}, guard)).then(console.log);
`;

/** A provider, and a session of it. */
export async function startRuntimeStage() {
  const provider = await startProvider();
  const { hostname, port } = new URL(provider.url);
  const jwks = await (await fetch(`${provider.url}/sso/jwks/${provider.clientId}`)).json();
  return {
    provider,
    /** Everything: for runtimes that may keep a secret. */
    everything: () => ({
      options: { clientId: provider.clientId, apiHostname: hostname, port: Number(port), https: false },
      apiKey: provider.apiKey,
      session: sessionOf(provider.mintSession().response),
      jwks,
    }),
    /** What a browser may do. */
    parts: () => ({ session: sessionOf(provider.mintSession().response), jwks }),
    close: () => provider.close(),
  };
}

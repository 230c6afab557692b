// Fresh seals against packages of PyPI: WorkOS's own SDK for Python in two versions, and what `cryptography` and PyNaCl make of the
// formats of other languages.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { installPython } from '../../support/python.mjs';
import { generateCookiePassword } from './support/edgeseal.mjs';
import { exchange } from './support/exchange.mjs';
import { pythonPeer } from './support/python_peer.mjs';

const [python, olderPython] = await Promise.all([installPython('workos>=10,<11', 'pynacl'), installPython('workos>=5,<6')]);
after(() => [python, olderPython].forEach(({ remove }) => remove?.()));
const missing = new Set([python, olderPython].flatMap((each) => each.missing ?? []));
if (missing.size > 0) console.log(`skipped: seals of Python: ${[...missing].join(', ')}`);

const sdk = pythonPeer(python, 'workos 10 of PyPI', 'fernet');
[
  sdk,
  pythonPeer(olderPython, 'workos 5 of PyPI', 'fernet'),
  ...['ruby', 'ruby-legacy', 'go'].map((format) => pythonPeer(python, 'cryptography of PyPI', format)),
  pythonPeer(python, 'PyNaCl of PyPI', 'php'),
].forEach(exchange);

test('100 generated passwords are Fernet keys, those for Rust and for the old Ruby are none', { skip: python.missing }, async () => {
  const seals = (kind) => sdk.seal(Array.from({ length: 100 }, () => ({ data: {}, password: generateCookiePassword({ for: kind }) })));
  assert.ok((await seals('common')).every((sealed) => sealed.startsWith('gAAAAA')));
  for (const kind of ['rust', 'ruby-legacy']) assert.deepEqual(new Set(await seals(kind)), new Set([undefined]));
});

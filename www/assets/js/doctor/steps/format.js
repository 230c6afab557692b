// Step 3: the format of the seal, and which SDK writes it.

import { code, fact, list, secret, step, unreached, when } from '../step.js';

const FORMATS = new Map([
  ['iron', 'iron (Fe26.2): WorkOS’s SDK for Node, authkit-nextjs, iron-session'],
  ['remix', 'remix: authkit-remix and authkit-react-router'],
  ['fernet', 'fernet: WorkOS’s SDK for Python'],
  ['ruby', 'ruby: WorkOS’s SDK for Ruby, from version 7 on'],
  ['ruby-legacy', 'ruby-legacy: WorkOS’s SDK for Ruby before version 7'],
  ['go', 'go: WorkOS’s SDKs for Go and Rust'],
  ['php', 'php: WorkOS’s SDK for PHP'],
  ['dotnet', 'dotnet: WorkOS’s SDK for .NET'],
  ['edgeseal', 'edgeseal: our own, shorter; no SDK reads it'],
  ['json', 'json: not sealed at all'],
]);

/** @param {import('../context.js').Context} context */
export function formatStep({ exam: { found, isToken, seal, sealEnds }, terms }) {
  if (found.broken || found.value === '') return unreached();
  if (isToken) return step('good', 'No seal: this is the token itself.');
  if (seal === null) return step('fault', 'It looks like no seal that is known.', secret('It begins with', found.value.slice(0, 40)));
  const facts = [...code('Password id', seal.passwordId), ...fact('The seal ends', sealEnds && when(sealEnds / 1000, terms.now))];
  if (seal.format === 'json') {
    return step('warning', 'Not sealed: plain JSON, as anybody can write it.', facts, ['Nothing of it is believed but its signed token. Have the session sealed: set a cookie password in the SDK.']);
  }
  if (seal.format === 'dotnet') facts.push(...fact('Where', 'the gateway reads it only where ACCEPT_FORMATS names it: it takes long to open, on purpose'));
  if (seal.format) return step('good', `${sentence(FORMATS.get(seal.format) ?? seal.format)}.`, facts);
  return step('good', `One of ${list(seal.candidates, 'or')}: they look alike, and the password tells.`, facts);
}

const sentence = (text) => text[0].toUpperCase() + text.slice(1);

// Step 4: whether a password opens the seal, and which.

import { wordsOf } from '../codes.js';
import { fact, list, plural, step, unreached } from '../step.js';

/** @param {import('../context.js').Context} context */
export function sealStep({ exam, terms }) {
  const { isToken, seal, tries, opener, isAlmost, found } = exam;
  if (isToken) return step('good', 'Nothing to open.');
  if (seal === null || found.broken) return unreached();
  if (seal.format === 'json') return step('good', 'Nothing to open: it is not sealed.');
  if (terms.passwords.length === 0) return step('asks', 'Give the cookie password to open it. It stays in this page.');

  const unsuitable = tries.flatMap(({ fits, why }, index) => (fits === 'unsuitable' ? fact(nth(index, tries.length), why) : []));
  if (opener >= 0) {
    if (opener === 0 || tries.slice(0, opener).every(({ fits }) => fits === 'unsuitable')) return step(unsuitable.length > 0 ? 'warning' : 'good', 'It opens: nobody has changed it since it was sealed.', unsuitable);
    return step('warning', `It opens with ${nth(opener, tries.length).toLowerCase()}, not with the newest: the password was rotated.`, unsuitable, [
      'Every server that reads this cookie needs both passwords, newest first, until the cookies of the old one are gone. Each refresh seals with the newest.',
    ]);
  }
  if (isAlmost) return step('fault', 'It opens with this password without the blanks or quotation marks around it.', unsuitable);
  if (tries.every(({ fits }) => fits === 'unsuitable')) return step('fault', `${plural(tries.length, 'password')} given, and none that can be one.`, unsuitable, wordsOf('misconfigured').advice);
  const detail = tries.find(({ fits }) => fits === 'closed').detail;
  const text = detail === 'seal_bad_mac' ? `It does not open with ${tries.length === 1 ? 'this password' : 'any of these passwords'}.` : `${wordsOf(detail).title}.`;
  return step('fault', text, [...unsuitable, ...fact('Tried', tries.length > 1 ? list(tries.map((_, index) => nth(index, tries.length).toLowerCase())) : '')]);
}

const nth = (index, count) => (count === 1 ? 'The password' : `Password ${index + 1}`);

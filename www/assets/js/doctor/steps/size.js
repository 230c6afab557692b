// Step 2: the size against what browsers store.

import { fact, number, step, unreached } from '../step.js';

/** What browsers promise to store of one cookie (RFC 6265 §6.1), and what the gateway keeps to: the whole line. */
export const LIMIT = 4096;

/** What the gateway puts behind the value, where the line is not known. */
const ATTRIBUTES = '; Max-Age=34560000; Path=/; HttpOnly; SameSite=Lax; Secure';

/** Whoever cuts a cookie off cuts the pair, or the line. */
const SLACK = 2;

/** @param {import('../context.js').Context} context */
export function sizeStep({ exam: { found, isToken } }) {
  const bytes = (text) => new TextEncoder().encode(text).length;
  const { name, value, line, parts, broken } = found;
  if (value === '' || broken) return unreached();
  if (isToken && name === '') return step('good', `${number(bytes(value))} bytes. A token in a header has no limit that it would meet.`, []);
  const pair = bytes(`${name || 'wos-session'}=${value}`);
  const whole = line === undefined ? pair + ATTRIBUTES.length : bytes(line);
  const facts = [
    ...fact('Value', `${number(bytes(value))} bytes`),
    ...fact(line === undefined ? 'As a cookie' : 'The whole line', `${line === undefined ? 'some ' : ''}${number(whole)} of ${number(LIMIT)} bytes, attributes included`),
  ];
  const filled = (state, text, advice) => ({ ...step(state, text, facts, advice), fill: whole });
  if (parts > 1) return filled('good', `${number(bytes(value))} bytes in ${parts} parts, each of which fits into a cookie.`);
  if ([pair, whole].some((size) => size <= LIMIT && size >= LIMIT - SLACK)) {
    return filled('warning', `It ends within a byte or two of ${number(LIMIT)}: that is where something cut it off.`, [
      'Browsers store a cookie whole or not at all; what cuts at 4,096 is a proxy, a framework or a log. Have less in the session, or let the gateway split it into parts.',
    ]);
  }
  if (whole > LIMIT) {
    return filled(line === undefined ? 'warning' : 'fault', `Too long for one cookie: browsers drop a Set-Cookie line of more than ${number(LIMIT)} bytes without a word.`, [
      'What people notice is that they are signed out right after they signed in. Keep less in the session and in the template of your tokens; the gateway splits such a session into parts by itself.',
    ]);
  }
  return filled('good', whole > LIMIT * 0.85 ? 'It fits, and not much more would.' : 'It fits into one cookie.');
}

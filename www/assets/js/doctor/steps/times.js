// Step 7: the times that token and seal name, against the clock.

import { wordsOf } from '../codes.js';
import { relative } from '../core.js';
import { fact, plural, step, unreached, when } from '../step.js';

const CLAIMS = [['iat', 'Token issued', 'issued'], ['nbf', 'Valid from', 'valid-from'], ['exp', 'Token expires', 'expires']];

/** @param {import('../context.js').Context} context */
export function timesStep({ exam: { token, answer, sealEnds, tries }, terms }) {
  const now = terms.now / 1000;
  const detail = answer && !answer.authenticated ? answer.detail : undefined;
  const moments = [
    ...CLAIMS.flatMap(([claim, label, mark]) => (typeof token?.claims[claim] === 'number' ? [{ at: token.claims[claim], label, mark }] : [])),
    ...(sealEnds ? [{ at: sealEnds / 1000, label: 'Seal expires', mark: 'expires' }] : []),
    { at: now, label: 'Now', mark: 'now' },
  ].filter(({ at }) => when(at, terms.now) !== undefined).sort((one, other) => one.at - other.at);
  if (moments.length === 1) return unreached(token ? 'It names no time at all.' : undefined);
  const facts = [
    ...fact('Signed in', when(token?.claims.auth_time, terms.now)),
    ...fact('Leeway', terms.leewaySeconds > 0 ? plural(terms.leewaySeconds, 'second') : ''),
  ];
  const timed = (state, text, advice) => ({ ...step(state, text, facts, advice), moments });

  if (detail === 'seal_expired' || tries.some((one) => one.detail === 'seal_expired')) return timed('fault', `The seal ended ${relative(sealEnds / 1000 - now)}, whatever its token says.`);
  if (!token) return timed('good', 'When the seal ends. The token’s own times come to light when it opens.');
  const { iat, nbf, exp } = token.claims;
  if (detail === 'expiration_missing') return timed('fault', wordsOf(detail).meaning);
  if (detail === 'token_expired') return timed('fault', `The token expired ${relative(exp - now)}${ofLife(iat, exp)}.`);
  if (detail === 'token_not_yet_valid') return timed('fault', `The token is valid only ${relative(nbf - now)}: the clock that made it is ahead of this one.`);
  // Nothing was decided yet, or it was refused before anybody looked at the times.
  if (exp <= now - terms.leewaySeconds) {
    return detail ? timed('warning', `It has also expired, ${relative(exp - now)}.`) : timed('warning', `The token expired ${relative(exp - now)}${ofLife(iat, exp)}.`, wordsOf('token_expired').advice);
  }
  if (iat > now + terms.leewaySeconds) return timed('warning', `The token was issued ${relative(iat - now)}: two clocks disagree.`, ['Set the clocks by the network (NTP). A server that looks at iat refuses it.']);
  return timed('good', typeof exp === 'number' ? `The token is valid for another ${life(exp - now)}${ofLife(iat, exp)}.` : 'It does not say when it ends.');
}

const ofLife = (iat, exp) => (typeof iat === 'number' && typeof exp === 'number' && exp > iat ? `; it was made to live ${life(exp - iat)}` : '');

const life = (seconds) => (seconds >= 120 ? plural(Math.round(seconds / 60), 'minute') : plural(Math.round(seconds), 'second'));

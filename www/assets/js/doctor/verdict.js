// The verdict: what a server would answer, and what to do about it.

import { wordsOf } from './codes.js';
import { when } from './step.js';

/**
 * @typedef {object} Verdict
 * @property {'accepted' | 'refused' | 'undecided'} state
 * @property {string} title @property {string} text
 * @property {string} [reason] @property {string} [detail]
 * @property {string[]} advice
 */

/** @param {import('./context.js').Context} context @param {import('./step.js').Step[]} steps @returns {Verdict} */
export function verdictOf({ exam, exams, terms }, steps) {
  if (hasTwoPeople(exams)) return refused('cookie_conflict', 'invalid_session_cookie');
  if (isDropped(steps)) return droppedByBrowser(steps);
  const { answer, asSent, tries, accessToken, refreshToken, isToken, isAlmost } = exam;
  if (isAlmost) return almost(answer);
  if (asSent && !asSent.authenticated) return encodedTooOften(asSent, answer, steps);
  if (answer === undefined) {
    return tries.length > 0 && tries.every(({ fits }) => fits === 'unsuitable') ? refused('misconfigured') : undecided(exam, terms, steps);
  }
  if (answer.authenticated) return accepted(exam, terms, steps);
  const { detail, reason } = answer;
  const isOver = detail === 'token_expired' && accessToken !== undefined && refreshToken === undefined && !isToken;
  // An expired session asks to be refreshed, and that is where it ends.
  return isOver ? refused('refresh_token_missing', 'invalid_session_cookie', 'The access token has expired, and the session holds no refresh token to get a new one with.') : refused(detail, reason);
}

function refused(detail, reason, text) {
  const { title, meaning, advice } = wordsOf(detail);
  return { state: /** @type {const} */ ('refused'), title: `Refused: ${title[0].toLowerCase()}${title.slice(1)}`, text: text ?? meaning, reason, detail, advice };
}

/** A line that no browser stores never comes back to be refused. */
const isDropped = (steps) => steps.some(({ id, state }) => id === 'size' && state === 'fault');

function droppedByBrowser(steps) {
  const { text, advice } = steps.find(({ id }) => id === 'size');
  return { state: /** @type {const} */ ('refused'), title: 'Refused by the browser: it is too long for a cookie', text, advice };
}

function almost(answer) {
  const { reason, detail } = answer && !answer.authenticated ? answer : { reason: undefined, detail: 'misconfigured' };
  return {
    ...refused(detail, reason, 'Without the blanks or quotation marks around it, the password opens the seal.'),
    title: 'Refused: something stands around the password',
    advice: ['See that the server has the password bare: .env files, shells and dashboards treat quotation marks and line breaks differently. What sealed the cookie had none.'],
  };
}

function encodedTooOften({ reason, detail }, answer, steps) {
  const rest = answer?.authenticated ? ' Everything in it is in order.' : '';
  const { advice } = steps.find(({ id }) => id === 'pasted');
  return { ...refused(detail, reason, `A server decodes it once at most, and then finds no seal.${rest}`), title: 'Refused: it is encoded more than once', advice };
}

function undecided({ token }, { now, leewaySeconds }, steps) {
  const doubts = steps.filter(({ state }) => state === 'warning');
  const asking = steps.filter(({ state }) => state === 'asks');
  const needs = asking.map(({ id }) => (id === 'seal' ? 'the cookie password' : 'the provider’s key set')).join(' and ');
  const isExpired = token?.claims.exp * 1000 <= now - leewaySeconds * 1000;
  return {
    state: /** @type {const} */ ('undecided'),
    title: isExpired ? 'The access token has expired' : doubts.length > 0 ? 'Not refused so far, with something to mend' : 'Nothing is refused so far',
    text: isExpired ? `That is what it says; its signature is not checked. Give ${needs} to be certain.` : `Give ${needs} to go on.`,
    advice: doubts.flatMap(({ advice }) => advice),
  };
}

function accepted({ token, refreshToken, isToken }, { now }, steps) {
  const doubts = steps.filter(({ state }) => state === 'warning');
  const end = when(token.claims.exp, now);
  const after = isToken ? '' : refreshToken ? ' Then it is refreshed.' : ' Then it ends, for want of a refresh token.';
  return {
    state: /** @type {const} */ ('accepted'),
    title: doubts.length === 0 ? 'It would be accepted' : 'It would be accepted, with something to mend',
    text: `Seal, key, signature and times are in order. The token is good until ${end}.${after}`.replace('Seal, key', isToken ? 'Key' : 'Seal, key'),
    advice: doubts.flatMap(({ advice }) => advice),
  };
}

/** Whether tokens that were opened name different people. */
function hasTwoPeople(exams) {
  const people = exams.map(({ token }) => token?.claims.sub).filter((sub) => sub !== undefined);
  return new Set(people).size > 1;
}

// The diagnosis as a text for a ticket. No cookie, token, password or personal detail is in it.

import { hint } from './facts.js';

const STATES = { good: 'ok', warning: 'to mend', fault: 'REFUSED', asks: 'not given', unreached: 'not reached' };

/** @param {import('./diagnosis.js').Diagnosis} diagnosis @returns {string} */
export function report({ steps, verdict }) {
  const lines = ['Session doctor (edgeseal)', '', verdict.title, verdict.text];
  for (const [name, code] of [['reason', verdict.reason], ['detail', verdict.detail]]) if (code) lines.push(`${name}: ${code}`);
  if (verdict.advice.length > 0) lines.push('', 'What to do:', ...verdict.advice.map((one) => `- ${one}`));
  for (const [index, { title, state, text, facts, moments = [] }] of steps.entries()) {
    lines.push('', `${index + 1}. ${title}: ${STATES[state]}`, ...(text === '' ? [] : [`   ${text}`]));
    lines.push(...facts.map(({ label, value, isSecret }) => `   ${label}: ${isSecret ? hint(value) : value}`));
    lines.push(...moments.map(({ label, at }) => `   ${label}: ${new Date(at * 1000).toISOString()}`));
  }
  return `${lines.join('\n')}\n`;
}

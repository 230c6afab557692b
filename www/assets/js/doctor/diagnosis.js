// The order of the steps: from what was pasted to the verdict. Each step stands in a file of its own; this one only puts them in order.

import { examine } from './examination.js';
import { readPasted } from './pasted.js';
import { formatStep } from './steps/format.js';
import { keyStep } from './steps/key.js';
import { pastedStep } from './steps/pasted.js';
import { sealStep } from './steps/seal.js';
import { sessionStep } from './steps/session.js';
import { signatureStep } from './steps/signature.js';
import { sizeStep } from './steps/size.js';
import { timesStep } from './steps/times.js';
import { tokenStep } from './steps/token.js';
import { readTerms } from './terms.js';
import { verdictOf } from './verdict.js';

/** @typedef {{ steps: import('./step.js').Step[], verdict: import('./verdict.js').Verdict | undefined, problems: Record<string, string>, names: string[] }} Diagnosis */

const STEPS = /** @type {const} */ ([
  ['pasted', 'What was pasted', pastedStep],
  ['size', 'Size', sizeStep],
  ['format', 'Format of the seal', formatStep],
  ['seal', 'Opening the seal', sealStep],
  ['session', 'What it holds', sessionStep],
  ['token', 'Access token', tokenStep],
  ['times', 'Times', timesStep],
  ['key', 'Key', keyStep],
  ['signature', 'Signature', signatureStep],
]);

/** What the page lists before anything is pasted. */
export const OUTLINE = STEPS.map(([id, title]) => ({ id, title }));

/** @param {import('./terms.js').Input} input @returns {Promise<Diagnosis>} */
export async function diagnose(input) {
  const terms = readTerms(input);
  const pasted = await readPasted(input.pasted);
  const exams = [];
  for (const found of pasted.found) exams.push(await examine(found, terms));
  // Without a verdict: nothing was pasted, or no session is among the cookies that were.
  if (exams.length === 0) return { steps: [], verdict: undefined, problems: terms.problems, names: pasted.others };
  const context = { pasted, exams, exam: deciding(exams), terms };
  const steps = STEPS.map(([id, title, look]) => ({ id, title, ...look(context) }));
  return { steps, verdict: verdictOf(context, steps), problems: terms.problems, names: [] };
}

/** Of several cookies of one name the one that is good, else the one that went furthest, as the gateway has it. */
function deciding(exams) {
  const reach = (exam) => (exam.answer?.authenticated ? 3 : exam.token ? 2 : exam.seal ? 1 : 0);
  const issued = (exam) => exam.token?.claims.iat ?? 0;
  return exams.toSorted((one, other) => reach(other) - reach(one) || issued(other) - issued(one))[0];
}

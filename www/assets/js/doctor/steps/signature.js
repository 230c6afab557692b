// Step 9: the signature.

import { wordsOf } from '../codes.js';
import { step, unreached } from '../step.js';
import { isSigned } from './proof.js';

/** @param {import('../context.js').Context} context */
export function signatureStep(context) {
  const { answer } = context.exam;
  if (answer && !answer.authenticated && answer.detail === 'bad_signature') return step('fault', wordsOf('bad_signature').meaning);
  return isSigned(context) ? step('good', 'It fits: the holder of the key has signed exactly this.') : unreached();
}

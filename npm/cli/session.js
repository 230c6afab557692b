// Opens a seal for the commands, and says what is wrong with one in a sentence.

import { Problem } from './problem.js';

const CLOSED = 'It does not open: another password sealed it, it was changed on the way, or it has expired.';

/** What the core says of a seal, in words of the command line. */
const SENTENCES = {
  session_malformed: 'It opens, and what it holds is no session.',
  seal_budget_spent: 'It takes long to open, and too many like it came at once: try again in a moment.',
};

/** What the seal holds. */
export async function open(sealed, password, { detectSeal, unsealData }) {
  // Every other format is opened without being named; this one takes long, so nobody is made to by accident.
  const acceptFormats = detectSeal(sealed)?.format === 'dotnet' ? ['dotnet'] : undefined;
  const data = await named(() => unsealData(sealed, { password, acceptFormats }));
  if (typeof data === 'object' && Object.keys(data).length === 0) throw new Problem(CLOSED);
  return data;
}

/** Runs a call of the core, whose complaints about a password or a seal are for whoever typed the command. */
export async function named(call) {
  try {
    return await call();
  } catch (error) {
    if (error instanceof TypeError) throw new Problem(error.message.replace(/`(?:newP|p)assword`/, 'The password'));
    if (error.detail) throw new Problem(SENTENCES[error.detail] ?? CLOSED);
    throw error;
  }
}

// One value, examined as far as it goes: its form, which password opens it, what is in it, what a server would answer. Words are not its
// business.

import { accessTokenOf, detectSeal, readToken, refreshTokenOf, sealExpiry } from './core.js';
import { authenticate, authenticateToken, contentOf, faultOfShape, isForAudience, tryPassword } from './examiner.js';
import { looksSealed, plainForms } from './forms.js';

/**
 * @typedef {object} Examination
 * @property {import('./pasted.js').Found} found
 * @property {boolean} isToken whether it is a token without a seal
 * @property {string} plain the value, decoded as often as it takes to be a seal
 * @property {number} encodings how often that is
 * @property {{ format?: string, passwordId?: string, candidates?: string[] } | null} seal
 * @property {number} [sealEnds] in milliseconds
 * @property {{ fits: string, why?: string, detail?: string }[]} tries one for each password
 * @property {number} opener the password that opens it, -1 for none
 * @property {boolean} isAlmost whether a password would open it without the blanks or quotation marks around it
 * @property {any} [content] what the seal holds
 * @property {string} [accessToken] @property {string} [refreshToken]
 * @property {{ header: Record<string, any>, claims: Record<string, any> }} [token]
 * @property {import('./examiner.js').Answer | undefined} answer undefined where a password or the keys would be needed to tell
 * @property {import('./examiner.js').Answer} [asSent] where it was encoded more often than servers decode: what they answer to it as it is
 */

/** @param {import('./pasted.js').Found} found @param {ReturnType<import('./terms.js').readTerms>} terms @returns {Promise<Examination>} */
export async function examine(found, terms) {
  const start = { found, isToken: false, plain: found.value, encodings: 0, seal: null, tries: [], opener: -1, isAlmost: false, answer: undefined };
  if (found.broken) return { ...start, answer: refusal('cookie_parts_mixed') };
  if (found.value === '') return { ...start, answer: { authenticated: false, reason: 'no_session_cookie_provided', detail: 'cookie_missing' } };
  return readToken(found.value) ? examineToken({ ...start, isToken: true }, terms) : examineSeal(start, terms);
}

const refusal = (detail, reason = 'invalid_session_cookie') => /** @type {const} */ ({ authenticated: false, reason, detail });

async function examineToken(start, terms) {
  const accessToken = start.found.value;
  const answer = decided(await authenticateToken(accessToken, terms), accessToken, terms);
  const token = readToken(accessToken);
  // A machine's token is good and nobody's session.
  const isSession = !answer?.authenticated || typeof answer.claims.sid === 'string' || answer.claims['https://stytch.com/session'] !== undefined;
  return { ...start, accessToken, token, answer: isSession ? forAudience(answer, accessToken, terms) : refusal('token_not_of_session', 'invalid_jwt') };
}

async function examineSeal(start, terms) {
  const { found } = start;
  const forms = plainForms(found.value);
  // The last that looks like one: some formats are known by how they begin, encoded or not.
  const encodings = Math.max(0, forms.findLastIndex(looksSealed));
  const plain = forms[encodings];
  const seal = detectSeal(plain);
  const opened = { ...start, plain, encodings, seal, sealEnds: seal?.format && sealExpiry(plain, seal.format) };
  // The core opens a slow format and plain JSON only where they are named.
  const formats = ['dotnet', 'json'].includes(seal?.format) ? [seal.format] : undefined;
  const isSealed = seal?.format !== 'json';
  if (seal && isSealed && terms.passwords.length === 0) return opened;

  const passwords = isSealed && seal ? terms.passwords : [UNUSED];
  const tries = seal ? await inOrder(passwords, (password) => tryPassword(plain, password, formats, terms)) : [];
  const opener = tries.findIndex(({ fits }) => fits === 'opens');
  const isAlmost = opener < 0 && (await inOrder(bared(passwords), (password) => tryPassword(plain, password, formats, terms))).some(({ fits }) => fits === 'opens');
  const usable = passwords.filter((_, index) => tries[index]?.fits !== 'unsuitable');
  if (usable.length === 0) return { ...opened, tries, isAlmost };
  const answer = await authenticate(plain, usable, formats, terms);
  const asSent = encodings > 1 ? await authenticate(found.value, usable, formats, terms) : undefined;
  const inside = opener < 0 ? {} : await read(plain, passwords[opener], formats);
  return { ...opened, tries, opener, isAlmost, ...inside, asSent, answer: forAudience(decided(answer, inside.accessToken, terms), inside.accessToken, terms) };
}

/** Passwords without what a shell, a dashboard or a hasty copy has left around them, where that is anything. */
const bared = (passwords) => passwords.map((password) => password.trim().replace(/^(["'`])(.*)\1$/u, '$2').trim()).filter((bare, index) => bare !== passwords[index]);

/** Where the seal needs no password, or there is no seal, the core wants one all the same. */
const UNUSED = 'a password that is not used for anything';

async function read(plain, password, formats) {
  const content = await contentOf(plain, password, formats);
  const accessToken = accessTokenOf(content);
  return { content, accessToken, refreshToken: refreshTokenOf(content), token: accessToken && readToken(accessToken) };
}

/** Without keys nothing is decided that needs them. */
function decided(answer, accessToken, { keys }) {
  if (answer.authenticated || answer.detail !== 'keys_unavailable' || keys) return answer;
  const fault = accessToken && faultOfShape(accessToken);
  return fault ? refusal(fault, 'invalid_jwt') : undefined;
}

function forAudience(answer, accessToken, terms) {
  const isOther = answer?.authenticated && accessToken !== undefined && !isForAudience(accessToken, terms);
  return isOther ? refusal('audience_mismatch', 'invalid_jwt') : answer;
}

/** One after the other: each may take a while, and the core counts those that do. */
async function inOrder(items, work) {
  const results = [];
  for (const item of items) results.push(await work(item));
  return results;
}

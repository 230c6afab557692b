// Step 1: what was pasted, and what is odd about how it came.

import { code, fact, list, plural, step } from '../step.js';

/** @param {import('../context.js').Context} context */
export function pastedStep({ pasted, exam, exams }) {
  const { found, encodings } = exam;
  const oddities = [];
  const advice = [];
  const note = (what, todo) => { oddities.push(what); advice.push(todo); };

  if (exams.length > 1) {
    note(`${plural(exams.length, 'cookie')} have this name`, 'Browsers send several cookies of one name when their Domain or Path differ. Many servers read the first alone. Delete the older one under the Domain and Path that set it.');
  }
  if (found.isQuoted) {
    note('the value stands in quotation marks', 'The gateway reads past the quotation marks. An SDK that is handed them with the value finds no seal (seal_unknown_format): have the cookie written without.');
  }
  if (encodings > 1) {
    note(`it is percent-encoded ${encodings === 2 ? 'twice' : `${encodings} times`}`, 'Something encodes a value that is encoded already: the framework’s cookie helper does it by itself. Hand it the value as it is.');
  } else if (encodings === 1) {
    oddities.push('it is percent-encoded, as some frameworks do');
  }
  if (pasted.wasWrapped) oddities.push('line breaks were taken out of it');
  if (found.broken) oddities.push(found.broken);
  else if (found.value === '') oddities.push('its session cookie is empty');

  const state = found.broken || encodings > 1 || (found.value === '' && !found.broken) ? 'fault' : advice.length > 0 ? 'warning' : 'good';
  const text = `You pasted ${pasted.what}${oddities.length > 0 ? `: ${list(oddities)}` : ''}.`;
  const facts = [
    ...code('Cookie', found.name),
    ...fact('Parts', found.parts > 1 ? `joined from ${found.parts}` : ''),
    ...fact('Attributes', found.attributes.join('; ')),
    ...fact('Other cookies', pasted.others.length > 0 ? `${list(pasted.others)}: not looked at` : ''),
  ];
  return step(state, text, facts, [...advice, ...attributeAdvice(found)]);
}

/** What a line of Set-Cookie should say of a session. */
function attributeAdvice({ line, attributes, name }) {
  if (line === undefined) return [];
  const has = (wanted) => attributes.some((attribute) => attribute.split('=')[0].trim().toLowerCase() === wanted);
  const value = (wanted) => attributes.find((attribute) => attribute.toLowerCase().startsWith(`${wanted}=`))?.split('=')[1].toLowerCase();
  return [
    !has('httponly') && 'HttpOnly is missing: every script of the page can read the session.',
    !has('secure') && 'Secure is missing: browsers send the session over plain http too.',
    value('samesite') === 'none' && !has('secure') && 'SameSite=None without Secure: browsers refuse the cookie.',
    value('samesite') === 'strict' && 'SameSite=Strict: the cookie is left out when somebody comes from another site, the provider’s sign-in page included.',
    name.startsWith('__Host-') && (has('domain') || value('path') !== '/') && 'A __Host- name with a Domain, or a Path other than /: browsers refuse the cookie.',
  ].filter(Boolean);
}


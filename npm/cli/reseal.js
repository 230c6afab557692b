// `edgeseal reseal`: the same session in the format of another SDK, or under another password.

import { resealSession } from '../wasm/edgeseal.js';
import { PASSWORD, options as input, passwordOf, valueAndPassword } from './input.js';
import { Problem, UsageProblem } from './problem.js';
import { named } from './session.js';

/** The variable of the password that seals, where it is another. */
const NEW_PASSWORD = 'NEW_COOKIE_PASSWORD';

/** How each format is called, and who reads it. */
const FORMATS = {
  iron: 'Node, authkit-nextjs and iron-session',
  remix: 'authkit-remix and authkit-react-router',
  fernet: 'Python',
  ruby: 'Ruby',
  go: 'Go and Rust',
  php: 'PHP',
  dotnet: '.NET',
  edgeseal: 'edgeseal',
};

export const summary = 'seals a session for another SDK, or with another password';

export const options = { ...input, to: { type: 'string' } };

export const help = `Usage: npx edgeseal reseal --to FORMAT [SEAL]

Opens a sealed session, given as an argument or on the standard input, and prints it sealed in the format of
${Object.entries(FORMATS).map(([format, readers]) => `  ${format.padEnd(9)} ${readers}`).join('\n')}

  ${PASSWORD}  opens it: a password, or a JSON array of them; or --password-stdin
  ${NEW_PASSWORD.padEnd(PASSWORD.length)}  seals it, where it is to be another password
`;

export async function run(given, core) {
  const { to } = given.values;
  if (!Object.hasOwn(FORMATS, to ?? '')) throw new UsageProblem(`--to is one of ${Object.keys(FORMATS).join(', ')}.`);
  const { value, password } = await valueAndPassword(given);
  if (password === undefined) throw new Problem(`${PASSWORD} is not set: it has to hold the password that opens the seal.`);
  if (core.detectSeal(value) === null) throw new Problem('This is no sealed session.');
  const options = { password, newPassword: passwordOf(NEW_PASSWORD), format: to };
  console.log(await named(() => resealSession(value, options)));
}

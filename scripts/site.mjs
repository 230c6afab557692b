// `npm run site`: builds the package as the session doctor loads it, into www/assets/edgeseal/, for whoever works on the doctor. `npm
// start`, `npm run build` and `npm run deploy` do so themselves.

import { assembleSite } from './library/site.mjs';
import { checkRust, xtask } from './library/rust.mjs';

export async function main() {
  checkRust();
  await xtask(['js']);
  assembleSite();
}

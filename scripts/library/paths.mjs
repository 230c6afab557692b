// Where things lie in the repository.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A path inside the repository. */
export const inside = (...segments) => path.join(root, ...segments);

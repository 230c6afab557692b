// `npm run deploy [-- options of wrangler deploy]`: builds the release Worker and the site, and uploads both.

import { spawnSync } from 'node:child_process';

import { modernNode, withNode } from './library/node.mjs';
import { install } from './library/packages.mjs';
import { inside, root } from './library/paths.mjs';
import { buildRelease } from './library/release.mjs';
import { assembleSite } from './library/site.mjs';

export async function main(parameters) {
  await buildRelease(['worker', 'js']);
  assembleSite();
  await install(root);
  const node = await modernNode();
  const wrangler = inside('node_modules', 'wrangler', 'bin', 'wrangler.js');
  // wrangler may ask the operator to sign in: it gets the terminal.
  const { status } = spawnSync(node, [wrangler, 'deploy', ...parameters], {
    cwd: root,
    env: { ...process.env, ...withNode(node) },
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}

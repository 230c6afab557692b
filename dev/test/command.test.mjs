// The command line: one line when it runs, one sentence when it cannot, and a clean end.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { provider } from './support.mjs';

const COMMAND = fileURLToPath(new URL('../bin/edgeseal-dev.mjs', import.meta.url));

/** Runs the command; resolves with the exit code and everything it printed. */
async function run(args, { environment = {}, onLine } = {}) {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { ...process.env, ...environment } });
  const printed = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    printed.out += chunk;
    if (printed.out.includes('\n')) onLine?.(printed.out, child);
  });
  child.stderr.on('data', (chunk) => (printed.err += chunk));
  const [code] = await once(child, 'close');
  return { code, ...printed };
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`it serves, takes its names from the environment and ends on ${signal}`, async () => {
    let status;
    const { code, out, err } = await run(['--port', '0'], {
      environment: { EDGESEAL_DEV_CLIENT_ID: 'client_env', EDGESEAL_DEV_API_KEY: 'sk_env' },
      onLine: async (line, child) => {
        const [url] = /http:\S+/.exec(line);
        status = (await fetch(`${url}/sso/jwks/client_env`)).status;
        child.kill(signal);
      },
    });
    assert.equal(status, 200);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^Local provider on http:\/\/127\.0\.0\.1:\d+\n$/);
  });
}

test('it is another provider when told so, with that one\'s names', async () => {
  const statuses = [];
  const { code, err } = await run(['--port', '0', '--provider', 'stytch-b2b'], {
    environment: { EDGESEAL_DEV_PROJECT_ID: 'project-test-env', EDGESEAL_DEV_SECRET: 'secret-test-env', EDGESEAL_DEV_CLIENT_ID: 'client_env' },
    onLine: async (line, child) => {
      const [url] = /http:\S+/.exec(line);
      const authorization = `Basic ${Buffer.from('project-test-env:secret-test-env').toString('base64')}`;
      statuses.push((await fetch(`${url}/v1/b2b/sessions/jwks/project-test-env`)).status);
      statuses.push((await fetch(`${url}/v1/b2b/rbac/policy`, { headers: { authorization } })).status);
      child.kill('SIGTERM');
    },
  });
  assert.deepEqual([code, err, statuses], [0, '', [200, 200]]);
});

test('a busy port is one sentence and exit code 1', async (context) => {
  const { port } = await provider(context);
  const { code, out, err } = await run(['--port', String(port)]);
  assert.deepEqual([code, out], [1, '']);
  assert.equal(err, `Port ${port} on 127.0.0.1 is in use: stop what runs there, or choose another with --port.\n`);
});

test('other hosts, wrong ports and unknown providers are refused', async () => {
  for (const args of [['--host', '0.0.0.0'], ['--port', 'x'], ['--port', '70000'], ['extra'], ['--provider', 'okta'], ['--provider', 'toString']]) {
    const { code, err } = await run(args);
    assert.equal(code, 1, args.join(' '));
    assert.match(err, /Usage: edgeseal-dev/);
  }
});

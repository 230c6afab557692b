// `npm start`: installs, builds, and runs the gateway with the local provider until Ctrl+C.

import util from 'node:util';

import { modernNode, withNode } from './library/node.mjs';
import { install } from './library/packages.mjs';
import { inside, root } from './library/paths.mjs';
import { answers, checkPort } from './library/ports.mjs';
import { Problem } from './library/problem.mjs';
import { failed, start } from './library/processes.mjs';
import { Progress } from './library/progress.mjs';
import { checkRust, installToolchain, xtask } from './library/rust.mjs';
import { assembleSite } from './library/site.mjs';
import { chooseProvider, hasRealProvider, localEnvironment, PROVIDER_NAMES, writeSettings } from './library/settings.mjs';

const PATIENCE_MS = 60_000;

export async function main(parameters) {
  const options = read(parameters);
  const provider = chooseProvider(options.provider);
  const real = hasRealProvider(provider);
  checkRust();
  await checkPort(options.port, '--port');
  if (!real) await checkPort(options.providerPort, '--provider-port');

  const progress = new Progress();
  try {
    const node = await prepare(progress);
    await runUntilStopped(progress, node, real, { ...options, provider });
  } finally {
    progress.end();
  }
}

function read(parameters) {
  const number = (name, text) => {
    if (!/^\d{1,5}$/.test(text) || text < 1 || text > 65535) throw new Problem(`--${name} must be a number from 1 to 65535.`);
    return Number(text);
  };
  try {
    const { values } = util.parseArgs({
      args: parameters,
      options: {
        port: { type: 'string', default: '8787' },
        provider: { type: 'string' },
        'provider-port': { type: 'string', default: '8788' },
        verbose: { type: 'boolean', default: false },
      },
    });
    const { provider, verbose } = values;
    return { port: number('port', values.port), provider, providerPort: number('provider-port', values['provider-port']), verbose };
  } catch (error) {
    throw error instanceof Problem ? error : new Problem(`The options are --port, --provider (${PROVIDER_NAMES.join(', ')}), --provider-port and --verbose (${error.message}).`);
  }
}

/** Installs the packages and builds the gateway side by side; returns the Node that runs wrangler. */
async function prepare(progress) {
  const [node] = await Promise.all([
    progress.task('Packages', async (onLine) => {
      await install(root, onLine);
      return modernNode(onLine);
    }),
    progress.task('Gateway (Rust to wasm)', async (onLine) => {
      await installToolchain(['wasm32-unknown-unknown'], onLine);
      await xtask(['worker'], { onLine });
    }),
  ]);
  return node;
}

async function runUntilStopped(progress, node, real, { port, provider, providerPort, verbose }) {
  const gatewayUrl = `http://localhost:${port}`;
  const providerUrl = real ? undefined : `http://127.0.0.1:${providerPort}`;
  const onLine = verbose ? (line) => console.log(line) : undefined;

  const gateway = startGateway(node, port, writeSettings({ provider, publicUrl: gatewayUrl, providerUrl }), onLine);
  const jobs = { 'The gateway (wrangler dev)': gateway };
  if (!real) jobs['The local provider'] = startProvider(node, provider, providerPort, onLine);
  await progress.task('Start', async () => {
    const ready = await answers(`${gatewayUrl.replace('localhost', '127.0.0.1')}/auth/health`, gateway, PATIENCE_MS);
    if (!ready) throw failed('Starting the gateway', gateway);
  });
  progress.end();
  console.log(real ? realInstructions(provider, gatewayUrl) : localInstructions(provider, gatewayUrl, providerUrl));
  void addDoctor(gatewayUrl, onLine);

  const [name, job] = await Promise.race(Object.entries(jobs).map(async (entry) => (await entry[1].done, entry)));
  throw failed(name, job);
}

/** Nobody waits for what few need: the gateway is up, and takes up the site's files as they come. */
async function addDoctor(gatewayUrl, onLine) {
  try {
    await xtask(['js'], { onLine });
    assembleSite();
    console.log(`  The session doctor: ${gatewayUrl}/doctor/\n`);
  } catch (error) {
    console.error(`  The session doctor could not be built: ${error.message}\n`);
  }
}

function startGateway(node, port, settings, onLine) {
  const parameters = [
    inside('node_modules', 'wrangler', 'bin', 'wrangler.js'),
    ...['dev', '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0'],
    ...settings.flatMap((file) => ['--env-file', file]),
  ];
  const env = {
    ...withNode(node),
    // Nobody is there to answer questions, nothing is reported, and no network is needed.
    CI: '1',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  };
  return start(node, parameters, { env, onLine });
}

function startProvider(node, provider, port, onLine) {
  const parameters = [inside('dev', 'bin', 'edgeseal-dev.mjs'), '--provider', provider, '--port', String(port)];
  return start(node, parameters, { env: localEnvironment(provider), onLine });
}

const localInstructions = (provider, gatewayUrl, providerUrl) => `
  ${gatewayUrl}

  Open it and choose "Sign in as Ada (${provider === 'stytch' ? 'admin' : 'Acme, admin'})".
  The local provider, with its people and its faults: ${providerUrl}
  Ctrl+C stops both. After a change in src/, run cargo xtask worker: the gateway takes it up.
`;

const realInstructions = (provider, gatewayUrl) => `
  ${gatewayUrl}

  ${provider === 'workos'
    ? `Uses the provider of .dev.vars. Register this redirect URI there: ${gatewayUrl}/auth/callback`
    : 'Uses the project of .dev.vars. The page at LOGIN_URL must set its cookies for localhost and return to return_to.'}
  Ctrl+C stops it. After a change in src/, run cargo xtask worker: the gateway takes it up.
`;

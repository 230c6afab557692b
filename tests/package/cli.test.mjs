// The commands, as people type them: what they print, what they refuse, and that no secret is shown.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';

import { OTHER_PASSWORD, PASSWORD, startStage } from './support/conformance.mjs';
import { project } from './support/installed.mjs';

let place;
let edgeseal;
let stage;
let cookie;
before(async () => {
  place = project();
  edgeseal = await import(place.installed('entries', 'node.js'));
  stage = await startStage(edgeseal.sealData);
  cookie = await stage.cookie({ impersonator: { email: 'support@example.com', reason: 'a ticket' } });
});
after(async () => {
  await stage.close();
  place.remove();
});

function edgesealCommand(parameters, { input = '', env = {}, cwd = place.folder } = {}) {
  const command = place.installed('cli', 'edgeseal.js');
  const { WORKOS_COOKIE_PASSWORD, WORKOS_CLIENT_ID, WORKOS_API_KEY, ...rest } = process.env;
  return spawnSync(process.execPath, [command, ...parameters], { input, cwd, env: { ...rest, ...env }, encoding: 'utf8', timeout: 30_000 });
}

const withPassword = { WORKOS_COOKIE_PASSWORD: PASSWORD };

test('npm links the command', () => {
  assert.ok(fs.existsSync(path.join(place.folder, 'node_modules', '.bin', 'edgeseal')));
});

test('help and version go to the standard output, what is not understood to the other, with 2', () => {
  for (const parameters of [['--help'], ['-h'], ['help'], ...['init', 'keygen', 'inspect', 'reseal', 'revoke'].map((name) => [name, '--help'])]) {
    const { status, stdout, stderr } = edgesealCommand(parameters);
    assert.deepEqual([status, stderr], [0, ''], parameters.join(' '));
    assert.match(stdout, /^Usage: npx edgeseal/);
  }
  assert.match(edgesealCommand(['--version']).stdout, /^\d+\.\d+\.\d+\n$/);
  const wrong = [[], ['frobnicate'], ['keygen', 'rust'], ['keygen', '--for', 'cobol'], ['inspect', '--loud'], ['inspect', 'a', 'b'], ['inspect'], ['reseal', cookie], ['revoke'], ['revoke', '--url', 'https://app.example.com'], ['revoke', '--url', 'http://app.example.com', '--user', 'a'], ['revoke', '--user', 'a', '--session', 'b'], ['revoke', '--user', 'a'], ['revoke', '--token', 'a']];
  for (const parameters of [...wrong, ['reseal', '--to', 'json', cookie], ['inspect', '--password-stdin'], ['init', 'a', 'b'], ['constructor']]) {
    const { status, stdout, stderr } = edgesealCommand(parameters);
    assert.deepEqual([status, stdout], [2, ''], `${parameters}: ${stderr}`);
    assert.doesNotMatch(stderr, /\n\s+at /, 'a sentence, no stack trace');
  }
});

test('keygen prints nothing but a password that seals', async () => {
  for (const kind of ['common', 'rust', 'ruby-legacy']) {
    const { stdout } = edgesealCommand(['keygen', '--for', kind]);
    assert.match(stdout, /^\S{32,64}\n$/);
    await edgeseal.sealData({}, { password: stdout.trim() });
  }
});

test('inspect shows the format of a cookie without a password, and who it is with one', () => {
  const closed = edgesealCommand(['inspect', cookie]);
  assert.equal(closed.status, 0);
  assert.match(closed.stdout, /format +iron\n/);
  assert.match(closed.stdout, /WORKOS_COOKIE_PASSWORD/);

  const ways = [
    edgesealCommand(['inspect', cookie], { env: withPassword }),
    edgesealCommand(['inspect'], { env: { WORKOS_COOKIE_PASSWORD: JSON.stringify([OTHER_PASSWORD, PASSWORD]) }, input: `${cookie}\n` }),
    edgesealCommand(['inspect', '--password-stdin', cookie], { input: `${PASSWORD}\n` }),
  ];
  for (const { status, stdout, stderr } of ways) {
    assert.equal(status, 0, stderr);
    for (const word of ['ada@example.com', 'support@example.com: a ticket', 'RS256', 'in 4 minutes']) assert.ok(stdout.includes(word), stdout);
  }
});

test('inspect prints no token and no password, not as JSON either', async () => {
  const { accessToken, refreshToken } = await edgeseal.unsealData(cookie, { password: PASSWORD });
  for (const parameters of [[], ['--json']]) {
    const { stdout, stderr } = edgesealCommand(['inspect', ...parameters, cookie], { env: withPassword });
    for (const secret of [PASSWORD, refreshToken, accessToken, accessToken.split('.')[2]]) assert.ok(!(stdout + stderr).includes(secret));
  }
  const report = JSON.parse(edgesealCommand(['inspect', '--json', cookie], { env: withPassword }).stdout);
  assert.equal(report.seal.format, 'iron');
  assert.equal(report.session.user.email, 'ada@example.com');
  assert.equal(report.session.hasRefreshToken, true);
  assert.equal(report.accessToken.claims.iss, stage.provider.issuer);
});

test('inspect reads a token by itself', async () => {
  const { accessToken } = await edgeseal.unsealData(cookie, { password: PASSWORD });
  const { stdout } = edgesealCommand(['inspect', accessToken]);
  assert.match(stdout, /not verified/);
  assert.ok(stdout.includes(stage.provider.issuer));
  assert.equal(JSON.parse(edgesealCommand(['inspect', '--json'], { input: accessToken }).stdout).token.header.alg, 'RS256');
});

test('whoever wrote a token cannot write to the terminal', () => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = [part({ alg: 'RS256', kid: '\u001b[2J\u009b31m' }), part({ sub: 'a\nb\u0007', other: '\u009b' }), 'AAAA'].join('.');
  for (const parameters of [[], ['--json']]) {
    const { status, stdout } = edgesealCommand(['inspect', ...parameters, token]);
    assert.equal(status, 0);
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  }
});

test('what does not open, and what is neither, is said in a sentence, with 1', async () => {
  const wrong = [
    [['inspect', cookie], { env: { WORKOS_COOKIE_PASSWORD: OTHER_PASSWORD } }, /does not open/],
    [['inspect', cookie], { env: { WORKOS_COOKIE_PASSWORD: 'short' } }, /32 characters/],
    [['inspect', cookie], { env: { WORKOS_COOKIE_PASSWORD: '["broken' } }, /JSON array/],
    [['inspect', 'garbage'], { env: withPassword }, /neither/],
    [['reseal', '--to', 'ruby', cookie], {}, /WORKOS_COOKIE_PASSWORD is not set/],
    [['reseal', '--to', 'ruby', 'garbage'], { env: withPassword }, /no sealed session/],
    [['reseal', '--to', 'fernet', cookie], { env: withPassword }, /32 bytes/],
    [['reseal', '--to', 'ruby', cookie], { env: { WORKOS_COOKIE_PASSWORD: OTHER_PASSWORD } }, /does not open/],
    [['reseal', '--to', 'ruby', await edgeseal.sealData({ theme: 'dark' }, { password: PASSWORD })], { env: withPassword }, /opens, and what it holds is no session/],
  ];
  for (const [parameters, options, words] of wrong) {
    const { status, stdout, stderr } = edgesealCommand(parameters, options);
    assert.deepEqual([status, stdout], [1, ''], parameters.join(' '));
    assert.match(stderr, words);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});

test('reseal hands a session from format to format, spelled as each reader expects, and back unchanged', async () => {
  const password = edgeseal.generateCookiePassword();
  const env = { WORKOS_COOKIE_PASSWORD: PASSWORD, NEW_COOKIE_PASSWORD: password };
  // What other software has put in comes along as it is.
  const session = { ...(await edgeseal.unsealData(cookie, { password: PASSWORD })), theme_of_theirs: { aB: [1, null] } };
  const cookieWithTheirs = await edgeseal.sealData(session, { password: PASSWORD, ttl: 0 });
  for (const format of ['fernet', 'ruby', 'go', 'php', 'dotnet', 'edgeseal', 'remix']) {
    const { stdout, stderr } = edgesealCommand(['reseal', '--to', format], { env, input: cookieWithTheirs });
    assert.equal(stderr, '');
    const opened = await edgeseal.unsealData(stdout.trim(), { password, acceptFormats: [format] });
    const camelCase = format === 'remix';
    assert.equal(opened[camelCase ? 'accessToken' : 'access_token'], session.accessToken, format);
    assert.equal(opened.user[camelCase ? 'emailVerified' : 'email_verified'], session.user.emailVerified, format);
    const back = edgesealCommand(['reseal', '--to', 'iron', stdout.trim()], { env: { WORKOS_COOKIE_PASSWORD: password, NEW_COOKIE_PASSWORD: PASSWORD } });
    assert.deepEqual(await edgeseal.unsealData(back.stdout.trim(), { password: PASSWORD }), session, format);
  }
});

test('a resealed session is a session', async () => {
  const password = edgeseal.generateCookiePassword();
  const { stdout } = edgesealCommand(['reseal', '--to', 'fernet', cookie], { env: { ...withPassword, NEW_COOKIE_PASSWORD: password } });
  const { maxRetries, ...options } = stage.options;
  const { userManagement } = new edgeseal.WorkOS(undefined, options);
  const result = await userManagement.authenticateWithSessionCookie({ sessionData: stdout.trim(), cookiePassword: password });
  assert.equal(result.user.email, 'ada@example.com');
});

test('init writes a gateway once, and never over what is there without being told', (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const made = edgesealCommand(['init', 'My Gateway!'], { cwd: folder, env: { WORKOS_CLIENT_ID: 'client_1' } });
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stdout, /write WORKOS_API_KEY into \.dev\.vars/);
  const read = (name) => fs.readFileSync(path.join(folder, 'My Gateway!', name), 'utf8');
  assert.match(read('wrangler.toml'), /^name = "my-gateway"$/m);
  assert.equal(JSON.parse(read('package.json')).name, 'my-gateway');
  assert.match(read('.gitignore'), /^\.dev\.vars$/m);
  const secrets = read('.dev.vars');
  assert.doesNotMatch(secrets, /Copy this file/);
  assert.match(secrets, /^WORKOS_CLIENT_ID=client_1$/m);
  assert.match(secrets, /^WORKOS_API_KEY=$/m);
  assert.match(secrets, /^WORKOS_COOKIE_PASSWORD=[0-9A-Za-z]{43}=$/m);
  if (process.platform !== 'win32') assert.equal(fs.statSync(path.join(folder, 'My Gateway!', '.dev.vars')).mode & 0o077, 0);
  assert.ok(!made.stdout.includes(/PASSWORD=(.+)/.exec(secrets)[1]));

  fs.writeFileSync(path.join(folder, 'My Gateway!', 'wrangler.toml'), 'mine');
  const again = edgesealCommand(['init', 'My Gateway!'], { cwd: folder });
  assert.deepEqual([again.status, read('wrangler.toml')], [1, 'mine']);
  assert.match(again.stderr, /wrangler\.toml.*--force/);
  const forced = edgesealCommand(['init', 'My Gateway!', '--force'], { cwd: folder });
  assert.equal(forced.status, 0);
  assert.match(forced.stdout, /Replaced .*wrangler\.toml/);
  assert.deepEqual([read('wrangler.toml') === 'mine', read('.dev.vars')], [false, secrets]);
});

/** As `spawnSync`, beside a server of this process. */
async function beside(parameters, env) {
  const { ADMIN_TOKEN, ...rest } = process.env;
  const child = spawn(process.execPath, [place.installed('cli', 'edgeseal.js'), ...parameters], { env: { ...rest, ...env } });
  const texts = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await once(child, 'exit');
  const [stdout, stderr] = await texts;
  return { status, stdout, stderr };
}

test('revoke tells the gateway, with a token that stands in no argument, and says what came of it', async (t) => {
  const asked = [];
  let answer = { status: 200, body: { revoked: true, kind: 'ended', atProvider: true, withinSeconds: 90 } };
  const server = http.createServer(async (request, response) => {
    asked.push([request.method, request.url, request.headers.authorization, JSON.parse(await text(request))]);
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(JSON.stringify(answer.body));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const site = `http://127.0.0.1:${server.address().port}`;
  const revoke = (parameters, env = { ADMIN_TOKEN: 'secret token' }) => beside(['revoke', '--url', site, ...parameters], env);

  const done = await revoke(['--session', 'session_1']);
  assert.deepEqual([done.status, done.stderr], [0, '']);
  assert.equal(done.stdout, 'The session session_1: refused within 90 seconds, and ended at the provider.\n');
  answer.body = { revoked: true, kind: 'stale', atProvider: false, withinSeconds: 0 };
  assert.match((await revoke(['--user', 'user_1', '--refresh'])).stdout, /refreshed before they are accepted again, from now on/);
  assert.equal((await beside(['revoke', '--url', `${site}/login/`, '--before', 'now'], { ADMIN_TOKEN: 'secret token' })).status, 0);
  assert.deepEqual(asked, [
    ['POST', '/auth/revoke', 'Bearer secret token', { session: 'session_1' }],
    ['POST', '/auth/revoke', 'Bearer secret token', { user: 'user_1', kind: 'stale' }],
    ['POST', '/login/revoke', 'Bearer secret token', { before: 'now' }],
  ]);

  asked.length = 0;
  const without = await revoke(['--user', 'user_1'], {});
  assert.deepEqual([without.status, without.stdout, asked.length], [1, '', 0]);
  assert.match(without.stderr, /ADMIN_TOKEN is not set/);
  for (const [refusal, said] of [
    [{ status: 401, body: { detail: 'admin_token_wrong' } }, /answered 401, admin_token_wrong/],
    [{ status: 400, body: { detail: 'revocation_malformed', message: 'One thing at a time.' } }, /One thing at a time/],
    [{ status: 302, headers: { location: 'https://elsewhere.example' }, body: {} }, /answered 302/],
    [{ status: 200, body: { hello: 'I am another site' } }, /Not revoked/],
  ]) {
    answer = refusal;
    const { status, stdout, stderr } = await revoke(['--user', 'user_1']);
    assert.deepEqual([status, stdout], [1, ''], stderr);
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /secret token|\n\s+at /);
  }
  server.close();
  server.closeAllConnections();
  assert.match((await revoke(['--user', 'user_1'])).stderr, /does not answer \(ECONNREFUSED\)/);
});

// A site changes its backend several times, and with it the format of its session cookie: one browser lives through all of
// it, signed in from the first page to the last. Every gateway has a port of its own; to a browser they are one host.

import assert from 'node:assert/strict';
import test from 'node:test';

import { reads } from './support/expect.mjs';
import { startGateway } from './support/gateway.mjs';
import { choose, isReady } from './support/person.mjs';
import { stage } from './support/stage.mjs';

/** A password that suits every format: base64 of 32 bytes, the same in both alphabets. */
const PASSWORD = 'eV7zSJDqlJSU0p3Iq4rbi1MnVVAqpBxooem5kBLaQHk=';
const FORMATS = { remix: /^eyJ/, fernet: /^gAAAAA/, ruby: /^A[Q-Za-f]/, go: /^[\w+/]+=*$/, php: /^[\w%]+$/, dotnet: /~2$/, edgeseal: /^es1\./, iron: /^Fe26\.2\*/ };
const ACCEPT_FORMATS = Object.keys(FORMATS).join(', ');

test('a browser moves through every format and is never signed out', async () => {
  const { page, cookies } = await stage.visit();
  const session = async () => (await cookies()).get('wos-session').value;
  const startWith = (format) => startGateway(stage.provider, { WORKOS_COOKIE_PASSWORD: PASSWORD, SEAL_FORMAT: format, ACCEPT_FORMATS });

  let before = 'iron';
  let gateway = await startWith(before);
  await page.goto(`${gateway.url}/app/`);
  await choose(page);
  await isReady(page);
  for (const format of Object.keys(FORMATS)) {
    await gateway.stop();
    gateway = await startWith(format);
    await page.goto(`${gateway.url}/app/`);
    await isReady(page);
    assert.match(await session(), FORMATS[before], 'the session from before');
    await page.getByTestId('button-refresh').click();
    await reads(page.locator('#notice-title'), 'Session refreshed.');
    assert.match(await session(), FORMATS[before], 'a refresh keeps its format');
    await page.goto(`${gateway.url}/auth/login?return_to=/app/`);
    await choose(page);
    await isReady(page);
    assert.match(await session(), FORMATS[format], 'a sign-in has the new one');
    before = format;
  }
  await gateway.stop();
});

// The session doctor in a browser: what it says of every planted fault, by pointer and by keyboard alone, what it shows, hides, copies and
// prints.

import assert from 'node:assert/strict';
import test from 'node:test';

import { becomes, reads } from './support/expect.mjs';
import { startGateway } from './support/gateway.mjs';
import { focused, tabTo } from './support/keyboard.mjs';
import { look } from './support/look.mjs';
import { ADA, signIn } from './support/person.mjs';
import { PLANTED, SECRETS } from './support/planted.mjs';
import { stage } from './support/stage.mjs';

/** Opens the doctor and waits until it is ready. */
async function open(options) {
  const visitor = await stage.visit(options);
  await visitor.page.goto('/doctor/');
  await reads(visitor.page.locator('#verdict-title'), 'Nothing to examine yet');
  return visitor;
}

/** Chooses an example and waits for its verdict. */
async function example(page, id) {
  await page.getByLabel('Examples').selectOption(id);
  await becomes(() => page.locator('#verdict').getAttribute('data-state'), PLANTED[id].state);
}

test('every planted fault is named, with its code and what to do', async () => {
  const { page } = await open();
  assert.deepEqual((await page.locator('#example option').evaluateAll((options) => options.map(({ value }) => value))).filter(Boolean), Object.keys(PLANTED));
  for (const [id, { reason, detail, marked, state, words }] of Object.entries(PLANTED)) {
    // The one before may have the same state.
    await page.getByRole('button', { name: 'Clear everything' }).click();
    await reads(page.locator('#verdict-title'), 'Nothing to examine yet');
    await example(page, id);
    const texts = await page.locator('#verdict-title, #verdict-text, #verdict-list li').allTextContents();
    assert.match(texts.join('\n'), words, id);
    assert.deepEqual(await page.locator('#verdict-codes code').allTextContents(), [reason, detail].filter(Boolean), id);
    if (marked) assert.match(await page.locator(`#step-${marked}`).getAttribute('data-state'), state === 'accepted' ? /warning/u : /fault|warning/u, id);
  }
});

test('pasting and typing are examined without a button', async () => {
  const { page } = await open();
  const { pasted, passwords, keys } = await page.evaluate(async () => {
    const { SAMPLES, KEY_SETS } = await import('/assets/js/doctor/samples.js');
    const { inputOf } = await import('/assets/js/doctor/examples.js');
    const sample = inputOf(SAMPLES.find(({ id }) => id === 'expired'));
    return { ...sample, keys: JSON.stringify(KEY_SETS[0]) };
  });
  await page.getByLabel('Cookie or token').fill(pasted);
  await reads(page.locator('#verdict-text'), 'Give the cookie password to go on.');
  await page.getByLabel('Cookie password', { exact: true }).fill('sample-password-of-the-session-doctor-0000');
  await reads(page.locator('#verdict-title'), 'Refused: no password opens it');
  await page.getByRole('button', { name: 'Add another password' }).click();
  assert.equal(await focused(page), 'Cookie password 2');
  await page.keyboard.insertText(passwords[0]);
  await reads(page.locator('#verdict-title'), 'The access token has expired');
  await page.getByText('Keys, and what is expected').click();
  await page.getByLabel('Key set (JWKS) of the provider').fill('{');
  await reads(page.locator('#keys-problem'), 'This is not JSON.');
  await page.getByLabel('Key set (JWKS) of the provider').fill(keys);
  await reads(page.locator('#verdict-title'), 'Refused: the access token has expired');
  await reads(page.locator('#step-seal .state'), 'to mend');
});

test('sessions of a gateway, in one cookie and in parts', async (t) => {
  const password = 'a sample password of this test, long enough';
  const gateway = await startGateway(stage.provider, { WORKOS_COOKIE_PASSWORD: password });
  t.after(() => gateway.stop());
  const keys = await (await fetch(`${stage.provider.url}/sso/jwks/${stage.provider.clientId}`)).text();
  for (const [who, where] of [[ADA, 'Cookie'], ['Sign in as Katherine (Acme, auditor)', 'Parts']]) {
    const { page, context } = await stage.visit({ baseURL: gateway.url });
    await signIn(page, who);
    const header = (await context.cookies(gateway.url)).map(({ name, value }) => `${name}=${value}`).join('; ');
    await page.goto('/doctor/');
    await reads(page.locator('#verdict-title'), 'Nothing to examine yet');
    await page.getByLabel('Cookie or token').fill(`Cookie: ${header}`);
    await page.getByLabel('Cookie password', { exact: true }).fill(password);
    await becomes(() => page.locator('#step-key .facts').innerText(), new RegExp(`${stage.provider.url}/sso/jwks/${stage.provider.clientId}`, 'u'), 'it says where the keys are');
    await page.getByText('Keys, and what is expected').click();
    await page.getByLabel('Key set (JWKS) of the provider').fill(keys);
    await reads(page.locator('#verdict-title'), 'It would be accepted');
    assert.ok((await page.locator('#step-pasted dt').allTextContents()).includes(where));
  }
});

test('by keyboard alone', async () => {
  const { page } = await open();
  const press = (key) => page.keyboard.press(key);
  await press('Tab');
  assert.equal(await focused(page), 'Skip to the doctor');
  await press('Enter');
  await tabTo(page, 'Examples');
  // The menu goes to what begins like this.
  await page.keyboard.type('A healthy');
  await press('Tab');
  await reads(page.locator('#verdict-title'), 'It would be accepted');
  assert.equal(await focused(page), 'Cookie or token');
  await tabTo(page, 'Show: Cookie password');
  await press('Space');
  assert.equal(await page.getByLabel('Cookie password', { exact: true }).getAttribute('type'), 'text');
  assert.equal(await focused(page), 'Hide: Cookie password');
  await tabTo(page, 'Keys, and what is expected');
  await press('Enter');
  await tabTo(page, 'Key set (JWKS) of the provider');
  await tabTo(page, 'Expected issuer');
  await page.keyboard.type('https://other.example');
  await press('Enter');
  await reads(page.locator('#verdict-title'), 'Refused: another issuer made it');
  await tabTo(page, 'Examine');
  await tabTo(page, 'Copy report for a ticket');
  await tabTo(page, 'Show: Access token');
  await press('Enter');
  await becomes(() => page.locator('#step-session .shown-value').first().isVisible(), true);
  assert.equal(await focused(page), 'Hide: Access token');
});

test('what is secret is hidden until it is asked for, and never in print or a report', async () => {
  const { page, context } = await open();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await example(page, 'healthy');
  const text = () => page.locator('main').innerText();
  for (const secret of SECRETS) assert.doesNotMatch(await text(), secret);
  for (const name of ['Access token', 'Name', 'E-mail']) await page.getByRole('button', { name: `Show: ${name}`, exact: true }).click();
  assert.match(await text(), /eyJ.*Ada Lovelace.*ada@example\.com/su);
  await page.emulateMedia({ media: 'print' });
  for (const secret of SECRETS) assert.doesNotMatch(await text(), secret);
  assert.match(await text(), /It would be accepted/u);
  await page.emulateMedia({ media: 'screen' });

  await page.getByRole('button', { name: 'Copy report for a ticket' }).click();
  await reads(page.locator('#copied'), 'Copied.');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^Session doctor \(edgeseal\)\s+It would be accepted/u);
  for (const secret of SECRETS) assert.doesNotMatch(copied, secret);
});

test('the verdict is read out once, when it changes', async () => {
  const { page } = await open();
  await page.evaluate(() => {
    globalThis.changes = [];
    new MutationObserver(() => globalThis.changes.push(document.getElementById('verdict-live').innerText)).observe(document.getElementById('verdict-live'), { childList: true, subtree: true, characterData: true });
  });
  await example(page, 'tampered');
  for (const letter of 'a note') await page.getByLabel('Expected audience').evaluate((input, added) => { input.value += added; input.dispatchEvent(new Event('input', { bubbles: true })); }, letter);
  await page.waitForTimeout(800);
  assert.equal((await page.evaluate(() => globalThis.changes)).length, 1);
});

test('the looks of it', async () => {
  const { page } = await open();
  await look(page, 'doctor-empty');
  for (const id of ['healthy', 'expired', 'rotated-password', 'oversized', 'two-people']) {
    await example(page, id);
    await look(page, `doctor-${id}`);
  }
  await page.getByText('Keys, and what is expected').click();
  for (const name of ['Access token', 'What they say', 'Cookie password']) await page.getByRole('button', { name: `Show: ${name}`, exact: true }).click();
  await look(page, 'doctor-open');
  await page.getByLabel('Cookie password', { exact: true }).fill('');
  await page.getByLabel('Leeway in seconds').fill('some');
  await reads(page.locator('#leeway-problem'), 'Write a number of seconds.');
  await look(page, 'doctor-asks');
});

// The tour: what a visitor sees from the start page to sign-out, once with the pointer and once with the keyboard alone.

import assert from 'node:assert/strict';
import test from 'node:test';

import { becomes, isAt, reads } from './support/expect.mjs';
import { focused, tabTo } from './support/keyboard.mjs';
import { ADA, choose, isReady } from './support/person.mjs';
import { stage } from './support/stage.mjs';

test('the tour with the pointer', async () => {
  const { page, cookies } = await stage.visit();

  await page.goto('/');
  assert.equal(await page.title(), 'edgeseal: session authentication at the edge');
  await page.getByRole('link', { name: 'Sign in' }).click();

  await page.getByRole('heading', { name: 'Choose who to sign in as' }).waitFor();
  assert.equal(new URL(page.url()).origin, stage.provider.url);
  await choose(page, ADA);

  await isAt(page, '/app/');
  await isReady(page);
  await reads(page.getByTestId('user-name'), 'Ada Lovelace');
  await reads(page.getByTestId('user-email'), 'ada@example.com');
  await reads(page.getByTestId('organization'), 'Acme');
  await reads(page.getByTestId('role'), 'admin');
  assert.deepEqual(await page.getByTestId('permissions').getByRole('listitem').allTextContents(), ['billing:manage', 'posts:read', 'posts:write']);
  await reads(page.getByTestId('last-refreshed'), /^\d\d:\d\d:\d\d · just now$/u);
  await countsDown(page);
  assert.deepEqual([...(await cookies()).keys()], ['wos-session']);

  await page.goto('/');
  await reads(page.getByTestId('sign-in'), 'Open your session');
  await page.getByTestId('sign-in').click();
  await isReady(page);

  await page.getByTestId('button-sign-out').click();
  await isAt(page, '/');
  await reads(page.getByTestId('sign-in'), 'Sign in');
  assert.deepEqual(await cookies(), new Map());
});

test('the tour with the keyboard alone', async () => {
  const { page, cookies } = await stage.visit();
  const press = (key) => page.keyboard.press(key);

  await page.goto('/');
  await press('Tab');
  assert.equal(await focused(page), 'Skip to the content');
  await press('Enter');
  await tabTo(page, 'Sign in');
  await press('Enter');
  await page.getByRole('heading', { name: 'Choose who to sign in as' }).waitFor();
  await tabTo(page, ADA);
  await press('Enter');

  await isReady(page);
  await tabTo(page, 'Switch organization');
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  await press('Escape');
  assert.equal(await page.getByRole('dialog').count(), 0);
  assert.equal(await focused(page), 'Switch organization', 'closing the dialog gives the focus back');
  await press('Enter');
  await tabTo(page, /^Acme/u);
  await press('ArrowDown');
  await press('Enter');
  await reads(page.getByTestId('organization'), 'Globex');
  assert.equal(await focused(page), 'Switch organization');
  await press('Tab');
  assert.equal(await focused(page), 'Sign out');
  await press('Enter');
  await isAt(page, '/');
  await becomes(async () => (await cookies()).size, 0);
});

/** @param {any} page */
async function countsDown(page) {
  const seconds = async () => {
    const [minutes, rest] = (await page.getByTestId('expires-in').textContent()).split(':').map(Number);
    return minutes * 60 + rest;
  };
  const first = await seconds();
  assert.ok(first > 280 && first <= 300, `${first} seconds are left of five minutes`);
  await becomes(async () => (await seconds()) < first, true, 'the countdown goes down');
}

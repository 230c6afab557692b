// What somebody does who sees an example for the first time, up to the signing out. Holds no test.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { DOCUMENT } from '../../../worker/support/http.mjs';
import { SESSION_COOKIE, requestsTo } from '../../support/stage.mjs';

/** Leaves the visitor signed in as Grace. */
export async function takeTheTour({ site, visitor, provider }) {
  const open = (target) => visitor.request(target, { headers: DOCUMENT });
  const signIn = async (choice, target) => {
    const sent = await open(target);
    assert.deepEqual([sent.status, sent.headers.location], [302, `/login?return_to=${encodeURIComponent(target)}`]);
    const started = await open(sent.headers.location);
    assert.ok([302, 307].includes(started.status), started.body);
    const decided = await fetch(`${started.headers.location}&choice=${choice}`, { redirect: 'manual' });
    const { origin, pathname, search } = new URL(decided.headers.get('location'));
    assert.equal(origin, site.origin);
    const back = await open(pathname + search);
    assert.ok([302, 307].includes(back.status), back.body);
    assert.equal(new URL(back.headers.location, site.origin).href, site.origin + target);
    // Next drops the `Max-Age=0` with which AuthKit deletes what it has kept for the sign-in: an empty cookie stays.
    const left = Array.from(visitor.cookies).filter(([, value]) => value !== '');
    assert.deepEqual(left.map(([name]) => name), [SESSION_COOKIE], 'nothing of the sign-in is left');
    return pathname + search;
  };

  assert.match((await open('/')).body, /<a href="\/login">Sign in<\/a>/);
  const callback = await signIn('ada-acme', '/app?x=1');
  assert.match((await open('/app')).body, /Ada Lovelace, admin in org_/);
  assert.match((await open('/')).body, /Signed in as ada@example\.com/);
  assert.match((await open('/admin')).body, /Welcome, ada@example\.com/);
  assert.ok((await open(callback)).status >= 400, 'a callback works once');

  visitor.cookies.clear();
  provider.knobs.set({ tokenLifetimeSeconds: 1 });
  await signIn('grace-acme', '/app');
  provider.knobs.set({ tokenLifetimeSeconds: 300 });
  await sleep(1_500);
  assert.match((await open('/app')).body, /Grace Hopper, member/);
  assert.equal(requestsTo(provider, 'authenticate').filter(({ grantType }) => grantType === 'refresh_token').length, 1);
  assert.equal((await open('/admin')).status, 403);
}

// A site changes its backend, and with it the format of its session cookie: from each format to each other, and nobody is
// signed out. One gateway per format, all with the same password, as before and after a deployment.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { requestsTo } from './support/sessions.mjs';
import { startUpstream } from './support/upstream.mjs';

/** A password that suits them all: base64 of 32 bytes, the same in both alphabets. */
const PASSWORD = 'eV7zSJDqlJSU0p3Iq4rbi1MnVVAqpBxooem5kBLaQHk=';

/** How each looks in a cookie; the two that are plain base64 look alike. */
const FORMATS = {
  iron: /^Fe26\.2\*1\*[0-9a-f]{64}\*.*~2$/,
  remix: /^eyJqd3QiOiJ[\w%]+\.[\w%]+$/,
  fernet: /^gAAAAA[\w=-]+$/,
  ruby: /^A[Q-Za-f][\w%]+$/,
  go: /^[\w+/]+=*$/,
  php: /^[\w%]+$/,
  dotnet: /^[\w+/]+=*~2$/,
  edgeseal: /^es1\.1\.[\w-]+$/,
};
const NAMES = Object.keys(FORMATS);

const provider = await startProvider();
const upstream = await startUpstream();
const gateways = {};
before(async () => {
  for (const format of NAMES) {
    gateways[format] = await startGateway(provider, {
      settings: { WORKOS_COOKIE_PASSWORD: PASSWORD, SEAL_FORMAT: format, ACCEPT_FORMATS: NAMES.join(', '), UPSTREAM_URL: upstream.url },
    });
  }
});
after(async () => {
  for (const gateway of Object.values(gateways)) await gateway.close();
  await upstream.close();
  await provider.close();
});

/** The same browser, after the site was deployed with another format. */
const moved = (visitor, format) => new Visitor(gateways[format], Object.fromEntries(visitor.cookies));

/** Opens a page and says who the site behind it takes the visitor for. */
async function whoIs(visitor) {
  upstream.clear();
  const answer = await visitor.open('/page');
  assert.equal(answer.status, 200, `${answer.status} ${answer.headers.location ?? answer.body}`);
  return decodeURIComponent(upstream.last().headers['x-edgeseal-email']);
}

for (const from of NAMES) {
  test(`a session in ${from} stays one under every other format, refreshes in its own, and signs in to the new one`, async () => {
    const visitor = new Visitor(gateways[from]);
    // A name in four scripts.
    await visitor.signIn({ choice: 'thordis-lodz' });
    assert.match(visitor.session, FORMATS[from]);
    const person = await whoIs(visitor);
    let latest = visitor;
    for (const to of NAMES) {
      const there = moved(latest, to);
      assert.equal(await whoIs(there), person, `${from} to ${to}`);
      assert.equal(there.session, latest.session, 'a cookie that is good is left alone');

      const refreshed = await there.fetch('/auth/refresh', { method: 'POST' });
      assert.equal(refreshed.status, 200, refreshed.body);
      assert.notEqual(there.session, latest.session);
      assert.match(there.session, FORMATS[from], 'a refresh keeps the format');
      latest = there;
      assert.equal(await whoIs(moved(latest, from)), person, `${from} to ${to} and back`);

      const anew = moved(latest, to);
      await anew.signIn();
      assert.match(anew.cookies.get(SESSION_COOKIE), FORMATS[to], 'a sign-in has the new format');
      await whoIs(moved(anew, from));
    }
    assert.ok(requestsTo(provider, 'authenticate').every(({ status }) => status === 200));
  });
}

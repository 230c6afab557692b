// Sessions against WorkOS's own packages for Remix and React Router, driven as their frameworks drive them: what `authLoader` sets after a
// sign-in opens here, and `authkitLoader` takes what is sealed here for its own.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { sealData, unsealData, verifyJwt } from './support/edgeseal.mjs';
import { CLIENT_ID, PASSWORD, claimsOf, startProvider } from './support/provider.mjs';
import { Random, SESSIONS } from './support/random.mjs';

const PACKAGES = ['@workos-inc/authkit-remix', '@workos-inc/authkit-react-router'];
const COUNT = SESSIONS / 2;
const NAME = 'wos-session';
const SITE = 'http://localhost/';

/** Bytes of a user. These frameworks refuse to write a cookie of more than 4096 characters; what they read is bounded by our seal. */
const WRITTEN_THERE = 200;
const WRITTEN_HERE = 5500;

let provider;
before(async () => (provider = await startProvider()));
after(() => provider.close());

for (const name of PACKAGES) {
  describe(name, () => {
    let authkit;
    before(async () => {
      authkit = (await import(name)).default;
      const { apiHostname, port } = provider.options;
      // A source of its own, so that what stands in the environment of the tests plays no part.
      const settings = {
        WORKOS_CLIENT_ID: CLIENT_ID,
        WORKOS_API_KEY: 'sk_test',
        WORKOS_REDIRECT_URI: `${SITE}callback`,
        WORKOS_COOKIE_PASSWORD: PASSWORD,
        WORKOS_API_HOSTNAME: apiHostname,
        WORKOS_API_HTTPS: 'false',
        WORKOS_API_PORT: String(port),
      };
      authkit.configure((key) => settings[key]);
    });

    /** The value of the cookie that a sign-in sets, as it stands in the header. */
    async function signIn(answer) {
      provider.answer('code', answer);
      const response = await authkit.authLoader()({ request: new Request(`${SITE}callback?code=code`) });
      const line = response.headers.get('set-cookie');
      return line.slice(NAME.length + 1, line.indexOf(';'));
    }

    /** Who is signed in with this cookie; a session that has to be refreshed cannot be, so it throws. */
    async function read(value) {
      const request = new Request(SITE, { headers: { cookie: `other=1; ${NAME}=${value}` } });
      return (await authkit.authkitLoader({ request, params: {}, context: {} })).data;
    }

    test(`${COUNT} sessions that it sets open here`, async () => {
      const random = new Random(`${name} to ours`);
      for (let index = 0; index < COUNT; index += 1) {
        const claims = { ...claimsOf(random), permissions: [] };
        const answer = {
          user: { ...random.user(WRITTEN_THERE), metadata: { [random.text(5)]: random.text(20) } },
          access_token: await provider.mint(claims),
          refresh_token: `rt_${index}`,
          impersonator: random.pick([undefined, { email: 'admin@example.com', reason: '"quoted", ä' }]),
        };
        const value = decodeURIComponent(await signIn(answer));
        const opened = await unsealData(value, { password: PASSWORD });
        assert.equal(opened.accessToken, answer.access_token);
        assert.equal(opened.refreshToken, answer.refresh_token);
        assert.deepEqual(opened.impersonator, answer.impersonator);
        assert.deepEqual([opened.user.firstName, opened.user.lastName, opened.user.metadata], [answer.user.first_name, answer.user.last_name, answer.user.metadata]);
        assert.equal(verifyJwt(opened.accessToken, { keys: provider.jwks }).claims.sid, claims.sid);
        await refusesWhatIsSpoilt(value, random);
      }
    });

    test(`reads ${COUNT} sessions of ours`, async () => {
      const random = new Random(`ours to ${name}`);
      for (let index = 0; index < COUNT; index += 1) {
        const claims = claimsOf(random);
        const session = {
          user: random.user(WRITTEN_HERE),
          accessToken: await provider.mint(claims),
          refreshToken: `rt_${index}`,
          impersonator: random.pick([undefined, { email: 'admin@example.com', reason: random.text(20) }]),
        };
        const sealed = await sealData(session, { password: PASSWORD, format: 'remix' });
        const auth = await read(encodeURIComponent(sealed));
        assert.deepEqual(auth.user, session.user);
        assert.equal(auth.sessionId, claims.sid);
        assert.equal(auth.organizationId, claims.org_id);
        assert.deepEqual(auth.permissions, claims.permissions);
        assert.deepEqual(auth.impersonator, session.impersonator ?? null);
        await refusesWhatIsSpoilt(sealed, random);
        const foreign = await sealData(session, { password: 'another password of at least 32 characters', format: 'remix' });
        assert.equal((await read(encodeURIComponent(foreign))).user, null);
        assert.deepEqual(await unsealData(foreign, { password: PASSWORD }), {});
      }
    });

    /** A bit of either part is flipped: the value, or its signature. */
    async function refusesWhatIsSpoilt(sealed, random) {
      const parts = sealed.split('.');
      const part = random.below(parts.length);
      const bytes = Buffer.from(parts[part], 'base64');
      bytes[random.below(bytes.length)] ^= 1 << random.below(8);
      const padding = parts[part].match(/=*$/)[0];
      const tampered = parts.with(part, bytes.toString('base64').replace(/=*$/, padding)).join('.');
      assert.deepEqual(await unsealData(tampered, { password: PASSWORD }), {});
      assert.deepEqual(await unsealData(sealed, { password: 'another password of at least 32 characters' }), {});
      assert.equal((await read(encodeURIComponent(tampered))).user, null);
    }
  });
}

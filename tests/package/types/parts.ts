// A program of somebody who uses the parts, and the client without the SDK. Compiled, never run.

import {
  RefreshSessionFailureReason,
  WorkOS,
  cacheApiKeyCache,
  detectSeal,
  memoryKeyCache,
  sealData,
  unsealData,
  verifyJwt,
  type AuthenticateResult,
  type KeyCache,
  type User,
} from 'edgeseal';
import gateway, { SessionObject } from 'edgeseal/gateway';

const caches: KeyCache[] = [cacheApiKeyCache(), memoryKeyCache({ now: () => 0 })];
const workos = new WorkOS(undefined, { clientId: 'client_1', keyCache: caches[0], now: Date.now, fetch: (url, init) => fetch(url, init) });

export async function program(cookie: string): Promise<string> {
  const result: AuthenticateResult = await workos.userManagement.authenticateWithSessionCookie({ sessionData: cookie });
  if (!result.authenticated) return result.reason === 'invalid_jwt' ? result.detail : '';
  const user: User = result.user;
  const next = await workos.userManagement.loadSealedSession({ sessionData: cookie }).refresh();
  if (!next.authenticated && next.reason === RefreshSessionFailureReason.INVALID_GRANT) return next.detail;
  const sealed: string = await sealData({ user }, { password: { 1: 'a', 2: 'b' }, ttl: 0, format: 'fernet' });
  const opened = await unsealData<{ user: User }>(sealed, { password: ['a'] });
  const seal = detectSeal(sealed);
  const format = seal && 'format' in seal ? seal.format : seal?.candidates.join();
  const token = verifyJwt<{ plan: string }>('a.b.c', { keys: { keys: [] }, algorithms: ['ES256'], audience: ['x'] });
  return opened.user.email + format + (token.valid ? token.claims.plan : token.detail);
}

// @ts-expect-error a client without an environment
new WorkOS('sk_test', {});
// @ts-expect-error read only
sealData({}, { password: 'a', format: 'ruby-legacy' });

export const worker = { fetch: gateway.fetch, SessionObject };

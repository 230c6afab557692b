// A program of somebody who wraps a client of the SDK. Compiled, never run; `SDK` is replaced by each version.

import { WorkOS } from 'SDK';
import { withEdgeseal, type JwtClaims } from 'edgeseal';

declare const sessionData: string | undefined;
declare const cookiePassword: string;

const client = new WorkOS('sk_test', { clientId: 'client_1' });
const workos = withEdgeseal(client, { memoSize: 0, leewaySeconds: 1, acceptFormats: ['iron'] });

// It is one of the SDK's clients, wherever one is wanted, and the rest of it is what it was.
const same: WorkOS = workos;
const logoutUrl: string = workos.userManagement.getLogoutUrl({ sessionId: 'session_1' });
const user = workos.userManagement.getUser('user_1') satisfies ReturnType<typeof client.userManagement.getUser>;

// Sessions are ours: a cookie may be missing, a password a list.
const session = workos.userManagement.loadSealedSession({ sessionData, cookiePassword: [cookiePassword, cookiePassword] });
const sdkSession: ReturnType<typeof client.userManagement.loadSealedSession> = session;

export async function program(): Promise<string> {
  const result = await session.authenticate<JwtClaims & { plan: 'free' | 'paid' }>();
  const asTheSdkHasIt: Awaited<ReturnType<typeof sdkSession.authenticate>> = result;
  if (result.authenticated) {
    const plan: 'free' | 'paid' = result.claims.plan;
    const email: string = result.user.email;
    return plan + email + result.sessionId + result.permissions?.join() + result.expiresAt.toFixed() + result.accessToken;
  }
  const reason: string = result.reason;
  // @ts-expect-error a refusal has no user
  result.user;
  if (result.retryable) return result.detail + reason;

  const next = await session.refresh({ organizationId: 'org_1', cookiePassword });
  const nextAsTheSdkHasIt: Awaited<ReturnType<typeof sdkSession.refresh>> = next;
  if (!next.authenticated) return next.detail + next.retryAfter?.toFixed();
  const coordination: 'object' | 'isolate' = next.coordination;
  const sealed: string = next.sealedSession;

  const direct = await workos.userManagement.authenticateWithSessionCookie({ sessionData });
  return coordination + sealed + direct.authenticated + (await session.getLogOutUrl({ returnTo: 'https://site.example/' }));
}

// @ts-expect-error a number is no password
workos.userManagement.loadSealedSession({ sessionData, cookiePassword: 1 });
// @ts-expect-error where the API is, the client knows
withEdgeseal(client, { apiHostname: 'api.example' });
// @ts-expect-error no client of the SDK
withEdgeseal({});

export { same, logoutUrl, user };

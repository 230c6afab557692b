// A program of somebody who uses Stytch's sessions, as written for the `stytch` package. Compiled, never run.

import * as stytch from 'edgeseal/stytch';
import { B2BClient, Client, ClientError, RequestError, StytchError, type MemberSession, type Session } from 'edgeseal/stytch';

const keyCache = { get: async (key: string) => (key ? null : ''), put: async () => {} };
const client = new Client({ project_id: 'project-test-1', secret: 'secret-test-1', env: stytch.envs.test, keyCache, memoSize: 0, now: () => 0 });
const members = new B2BClient({ project_id: 'project-test-1', secret: 'secret-test-1', custom_base_url: 'https://login.example.com' });

interface Claims {
  plan: 'free' | 'paid';
}

declare const cookie: string | undefined;

export async function program(): Promise<string> {
  const result = await client.sessions.authenticateJwt<Claims>({
    session_jwt: cookie,
    max_token_age_seconds: 60,
    clock_tolerance_seconds: 5,
    authorization_check: { resource_id: 'posts', action: 'read' },
    session_custom_claims: { plan: 'free' },
  });
  const session: Session<Claims> = result.session;
  const plan: 'free' | 'paid' | undefined = session.custom_claims?.plan;
  const cookieToSet: string = result.session_jwt;
  // @ts-expect-error nobody was asked, perhaps: there may be no user
  result.user;
  if (result.source === 'remote') return result.user.user_id + result.session_token + result.fallback_reason + result.request_id;

  const checked = await members.sessions.check({ session_jwt: null });
  if (!checked.authenticated) return checked.detail + checked.reason + String(checked.retryable);
  const member: MemberSession = checked.member_session;

  const local: Session<Claims> = await client.sessions.authenticateJwtLocal<Claims>({ session_jwt: 'x', current_date: new Date() });
  // @ts-expect-error an organization has to be named
  await members.sessions.authenticateJwt({ session_jwt: 'x', authorization_check: { resource_id: 'posts', action: 'read' } });
  // @ts-expect-error users have no organizations
  client.sessions.exchange;
  // @ts-expect-error a secret is needed
  new Client({ project_id: 'project-test-1' });
  const { member_session } = await members.sessions.exchange({ organization_id: 'organization-test-1', session_token: 'x' });
  const { scopes } = await client.m2m.authenticateToken({ access_token: 'x', required_scopes: ['read:posts'] }, ({ hasScopes }) => hasScopes.length > 0);
  const { organization } = await members.idp.introspectTokenLocal('x');
  const { sessions } = await client.sessions.get({ user_id: 'user-test-1' });
  const { keys } = await members.sessions.getJWKS({ project_id: 'project-test-1' });
  await client.sessions.revoke({ session_id: sessions[0]!.session_id });
  return [plan, cookieToSet, member.organization_slug, local.user_id, member_session?.member_id, scopes[0], organization.slug, keys[0]?.kid].join();
}

export function explain(error: unknown): string {
  if (error instanceof StytchError) return error.error_type + error.status_code.toFixed() + error.detail;
  if (error instanceof ClientError) return error.code + error.detail;
  if (error instanceof RequestError) return error.message + String(error.retryable);
  throw error;
}

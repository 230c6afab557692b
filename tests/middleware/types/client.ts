// A page behind the gateway. Compiled, never run.

import { getSession, onChange, signIn, signOut, switchOrganization, type Session, type SessionError } from 'edgeseal/client';

export async function page(): Promise<string> {
  const stop = onChange((session) => (session ? console.log(session.role) : signIn({ returnTo: '/app/', screenHint: 'sign-up' })));
  const session: Session | null = await getSession();
  if (!session) return signIn() ?? '';
  try {
    const { organizationId } = await switchOrganization('org_1', { prefix: '/session' });
    return organizationId ?? '';
  } catch (error) {
    const { detail, retryable } = error as SessionError;
    if (!retryable) await signOut();
    stop();
    return detail;
  }
}

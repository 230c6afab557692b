// How somebody signed in: the authentication factors of a session. The same in both verticals.

import { seededIdentifier } from '../identifiers.mjs';
import { microsecondDate } from '../time.mjs';

/** @param {import('./sessions.mjs').Session} session @param {string} emailId @returns {Record<string, any>[]} */
export function factorsOf({ person, impersonator, startedAt }, emailId) {
  const at = microsecondDate(startedAt);
  if (impersonator) {
    return [{
      type: 'impersonated',
      delivery_method: 'impersonation',
      last_authenticated_at: at,
      impersonated_factor: {
        impersonator_id: seededIdentifier('member', impersonator.email),
        impersonator_email_address: impersonator.email,
      },
    }];
  }
  return [{
    type: 'magic_link',
    delivery_method: 'email',
    last_authenticated_at: at,
    email_factor: { email_id: emailId, email_address: person.user.email },
  }];
}

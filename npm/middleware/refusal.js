// Why somebody is not let in, as a value: docs/codes.md lists the codes. Decides nothing about a session; knows what a code means for it.

/** Definite answers about a session: its cookie goes. Everything else keeps it. */
const ENDING = new Set(['invalid_grant', 'session_not_found', 'session_revoked', 'mfa_enrollment', 'sso_required']);

/** @typedef {{ reason: string, detail: string, retryable: boolean, retryAfter?: number, cookies: string[] }} Refusal */

/** @returns {Refusal} */
export const refusal = ({ reason, detail, retryable = false, retryAfter, retry_after }, cookies = []) => ({
  reason,
  detail,
  retryable,
  retryAfter: retryAfter ?? retry_after,
  cookies,
});

export const MISSING = refusal({ reason: 'no_session_cookie_provided', detail: 'cookie_missing' });
export const MIXED = refusal({ reason: 'invalid_session_cookie', detail: 'cookie_parts_mixed' });
export const DENIED = refusal({ reason: 'invalid_permissions', detail: 'permission_denied' });
export const conflict = (cookies) => refusal({ reason: 'invalid_session_cookie', detail: 'cookie_conflict' }, cookies);

export const endsSession = ({ detail }) => ENDING.has(detail);

/** Of two refusals the one to tell: what may succeed in a moment is not given up for what never will; else the first. */
export const worse = (first, second) => (first === undefined || (second.retryable && !first.retryable) ? second : first);

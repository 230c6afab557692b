// The endpoints around a session: the key set, revoke, list. Each is one function from request to answer.

import { KEY_SET_MAX_AGE_SECONDS } from '../limits.mjs';
import { people } from '../seeds.mjs';
import { refuse, success } from './answers.mjs';
import { readFields, requireProject, sessionOf, textOf } from './arguments.mjs';
import { organizationNamed } from './authenticate.mjs';
import { memberId, userId } from './directory.mjs';

/** GET sessions/jwks/<project id>. Needs no authentication. @param {import('../stytch.mjs').StytchParts} parts */
export function jwks({ settings, keys }, { identifier }) {
  if (identifier !== settings.projectId) refuse('project_not_found');
  const answer = success(keys.keySet());
  answer.headers['cache-control'] = `public, max-age=${KEY_SET_MAX_AGE_SECONDS}`;
  return answer;
}

/** POST sessions/revoke: exactly one way to name the session; of a member, all sessions. */
export function revoke(parts, { headers, body, entry }) {
  const { settings, vertical, sessions } = parts;
  requireProject(settings, headers);
  const fields = readFields(body);
  const ways = [vertical.sessionIdMember, 'session_token', 'session_jwt', ...(vertical.hasOrganizations ? ['member_id'] : [])];
  const named = ways.filter((way) => textOf(fields, way) !== undefined);
  if (named.length === 0) refuse('no_session_arguments');
  if (named.length > 1) refuse('too_many_session_revoke_arguments');
  if (named[0] === 'member_id') {
    const found = sessions.live().filter((session) => vertical.subjectOf(session) === fields.member_id);
    if (found.length === 0 && !isMember(fields.member_id)) refuse('member_not_found');
    for (const { id } of found) sessions.end(id);
    return success({}, 'revoked');
  }
  const session = named[0] === vertical.sessionIdMember ? sessions.byId(fields[named[0]]) : sessionOf(parts, fields, entry);
  if (!session) refuse('session_not_found');
  entry.sessionId = session.id;
  sessions.end(session.id);
  return success({}, 'revoked');
}

/** GET /v1/sessions?user_id= */
export function listUserSessions({ settings, sessions }, { headers, url }) {
  requireProject(settings, headers);
  const wanted = url.searchParams.get('user_id');
  if (!wanted) refuse('invalid_user_id');
  if (!people.some((person) => userId(person) === wanted)) refuse('user_not_found');
  const found = sessions.live().filter(({ person }) => userId(person) === wanted);
  return success({ sessions: found.map((session) => sessions.resource(session)) });
}

/** GET /v1/b2b/sessions?organization_id=&member_id= */
export function listMemberSessions({ settings, sessions, vertical }, { headers, url }) {
  requireProject(settings, headers);
  const organization = organizationNamed(url.searchParams.get('organization_id') ?? undefined);
  const wanted = url.searchParams.get('member_id');
  if (!wanted || !isMember(wanted, organization)) refuse('member_not_found');
  const found = sessions.live().filter((session) => vertical.subjectOf(session) === wanted);
  return success({ member_sessions: found.map((session) => sessions.resource(session)) });
}

/** Whether an id is that of a member, of any organization or of the given one. */
function isMember(id, organization) {
  return people.some((person) => person.memberships.some((membership) =>
    memberId(person, membership.organization) === id && (!organization || membership.organization.id === organization.id)));
}

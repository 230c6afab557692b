// What the core answers, from the bytes of one JSON text: a crossing of the boundary each, and JavaScript's own reader.

const decoder = new TextDecoder();

export function text(bytes) {
  return decoder.decode(bytes);
}

export function read(bytes) {
  return JSON.parse(text(bytes));
}

/** A session that is authenticated, frozen through and through: it is handed out more than once, and nobody can change the next one's. */
export function session(bytes) {
  const { accessToken, user, impersonator, authenticationMethod, claims } = read(bytes);
  freeze(claims);
  if (user) freeze(user);
  if (impersonator) freeze(impersonator);
  return Object.freeze({
    authenticated: true,
    accessToken,
    sessionId: claims.sid,
    organizationId: claims.org_id,
    role: claims.role,
    roles: claims.roles,
    permissions: claims.permissions,
    entitlements: claims.entitlements,
    featureFlags: claims.feature_flags,
    user,
    impersonator,
    authenticationMethod,
    claims,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
  });
}

function freeze(value) {
  // Arrays apart: `for in` makes a string of every index, and takes as long as reading the JSON.
  if (Array.isArray(value)) value.forEach(freezeMember);
  else for (const name in value) freezeMember(value[name]);
  Object.freeze(value);
}

function freezeMember(member) {
  if (typeof member === 'object' && member !== null) freeze(member);
}

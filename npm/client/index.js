// `edgeseal/client`: for pages behind the gateway. Who is signed in, the same in every tab. Knows the gateway's endpoints; never sees a token,
// keeps nothing that outlives the page.

const listeners = new Set();
let channel;
/** What was said last, as text: undefined before anybody has asked. */
let known;
/** Counts what changes sessions: an answer to a question of before is not news. */
let epoch = 0;
let asking;

export function getSession({ prefix } = {}) {
  if (asking?.epoch !== epoch || asking.prefix !== prefix) {
    const answer = call(prefix, 'session').catch((error) => {
      if (error.status === 401) return null;
      throw error;
    });
    const own = { epoch, prefix, answer: answer.then(settledAt(epoch)).finally(() => asking === own && (asking = undefined)) };
    asking = own;
  }
  return asking.answer;
}

export function onChange(callback, { prefix } = {}) {
  // An outage is no change.
  const look = () => void getSession({ prefix }).catch(() => {});
  const heard = () => {
    epoch += 1;
    look();
  };
  const shown = () => document.visibilityState === 'visible' && look();
  listeners.add(callback);
  tabs().addEventListener('message', heard);
  document.addEventListener('visibilitychange', shown);
  addEventListener('pageshow', shown);
  if (known === undefined) look();
  return () => {
    listeners.delete(callback);
    tabs().removeEventListener('message', heard);
    document.removeEventListener('visibilitychange', shown);
    removeEventListener('pageshow', shown);
  };
}

export function signIn({ returnTo = location.pathname + location.search, organizationId, screenHint, loginHint, prefix = '/auth' } = {}) {
  const given = Object.entries({ return_to: returnTo, organization_id: organizationId, screen_hint: screenHint, login_hint: loginHint });
  location.assign(`${prefix}/login?${new URLSearchParams(given.filter(([, value]) => value !== undefined))}`);
}

export async function signOut({ prefix } = {}) {
  const { url } = await call(prefix, 'logout', {});
  changed(null);
  location.assign(url);
}

export async function switchOrganization(organizationId, { prefix } = {}) {
  const session = await call(prefix, 'switch', { organizationId });
  changed(session);
  return session;
}

/** All tabs of this site. */
const tabs = () => (channel ??= new BroadcastChannel('edgeseal'));

/** Something was done here: the others look for themselves. */
function changed(session) {
  epoch += 1;
  settledAt(epoch)(session);
  tabs().postMessage('');
}

/** Tells whoever listens, if it is news. When a token was made and when it ends is none. */
const settledAt = (asked) => (session) => {
  const text = JSON.stringify(session, (name, value) => (name === 'issuedAt' || name === 'expiresAt' ? undefined : value));
  if (asked === epoch && text !== known) {
    const isFirst = known === undefined;
    known = text;
    if (!isFirst) for (const callback of listeners) callback(session);
  }
  return session;
};

async function call(prefix = '/auth', name, body) {
  const headers = { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) };
  const init = { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), cache: 'no-store' };
  const unreachable = { reason: 'network_error', detail: 'gateway_unreachable', retryable: true };
  const answer = await fetch(`${prefix}/${name}`, init).catch((cause) => failed({ ...unreachable, cause }));
  const given = await answer.json().catch(() => ({}));
  if (answer.ok) return given;
  const { reason = 'server_error', detail = 'answer_invalid', retryable = answer.status >= 500 } = given;
  return failed({ status: answer.status, reason, detail, retryable, retryAfter: Number(answer.headers.get('retry-after')) || undefined });
}

function failed(members) {
  throw Object.assign(new Error(members.detail), { name: 'SessionError' }, members);
}

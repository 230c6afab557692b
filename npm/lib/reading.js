// What a token and a seal say of themselves before anything is verified: for people to look at, in the command line and in the session
// doctor. Proves nothing, and needs no core.

/** Header and claims of a compact token; undefined for what is none. */
export function readToken(value) {
  const parts = value.split('.');
  if (parts.length !== 3) return undefined;
  const [header, claims] = parts.slice(0, 2).map(readPart);
  return header?.alg && claims ? { header, claims } : undefined;
}

function readPart(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
    const value = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Until when a seal opens, in milliseconds, where it says so in the clear; undefined where it does not, or never ends. */
export function sealExpiry(sealed, format) {
  const expiry = format === 'iron' ? Number(sealed.split('*')[5]) : 0;
  return expiry > 0 ? expiry : undefined;
}

/** The access token of a session, in either spelling. */
export const accessTokenOf = (data) => textOf(data?.accessToken ?? data?.access_token);

/** The refresh token of a session, in either spelling. */
export const refreshTokenOf = (data) => textOf(data?.refreshToken ?? data?.refresh_token);

const textOf = (value) => (typeof value === 'string' ? value : undefined);

const UNITS = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]];

/** `in 4 minutes`, `2 days ago`: a distance in seconds from now, rounded towards it. */
export function relative(distance) {
  const [unit, length] = UNITS.find(([, length]) => Math.abs(distance) >= length) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat('en').format(Math.trunc(distance / length), unit);
}

/** `2026-11-21 12:05:00 UTC`; undefined for what is no time. */
export function utc(seconds) {
  const date = new Date(seconds * 1000);
  if (typeof seconds !== 'number' || Number.isNaN(date.getTime())) return undefined;
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

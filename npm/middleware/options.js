// What a middleware is made with: checked at once, so that a mistake is a TypeError when the site starts and not a hole when it runs.

import * as limits from './limits.js';
import { isClear, readPath } from './path.js';
import { routesOf } from './routes.js';
import * as stytch from './stytch.js';
import * as workos from './workos.js';

const OPTIONS = ['workos', 'stytch', 'cookiePassword', 'cookie', 'loginUrl', 'routes'];
const COOKIE = ['name', 'domain', 'path', 'sameSite', 'maxAge', 'secure'];
const STYTCH_COOKIE = ['jwtName', 'tokenName', 'domain', 'path', 'sameSite', 'secure', 'httpOnly'];
const RULE = ['path', 'methods', 'require'];
const DEMANDS = { workos: ['role', 'permission'], stytch: ['role', 'authorizationCheck'] };

/** The settings of a middleware. @throws {TypeError} that names what cannot work, and what to write instead */
export function readOptions(options) {
  check(isObject(options), '`edgeseal` has to be given options: edgeseal({ workos })');
  known(options, OPTIONS, '');
  const isOne = (options.workos === undefined) !== (options.stytch === undefined);
  check(isOne, 'either `workos` or `stytch` has to be given: a client, or a function that returns one');
  const kind = options.workos === undefined ? 'stytch' : 'workos';
  const { loginUrl, routes = [], cookie = {} } = options;
  const canSignIn = loginUrl === undefined || typeof loginUrl === 'function' || isAddress(loginUrl);
  check(canSignIn, '`loginUrl` has to be an address such as `/login`, or a function that returns one');
  check(Array.isArray(routes), "`routes` has to be a list of rules: [{ path: '/docs/*', require: 'public' }]");
  check(isObject(cookie), "`cookie` has to be an object: { name: 'wos-session' }");
  routes.forEach((rule, index) => checkRule(rule, `routes[${index}]`, kind));
  return {
    kind,
    loginUrl,
    demandsOn: routesOf([...loginRule(loginUrl), ...routes]),
    ...(kind === 'workos' ? workosSettings(options, cookie) : stytchSettings(options, cookie)),
  };
}

/** Checks what a route demands, beside the rules too. */
export function checkDemand(demand, name, kind) {
  if (demand === 'session') return;
  const members = DEMANDS[kind];
  check(isObject(demand) && Object.keys(demand).length > 0, `\`${name}\` has to be 'session' or an object with ${list(members)}`);
  const foreign = Object.values(DEMANDS).flat().find((member) => member in demand && !members.includes(member));
  check(foreign === undefined, `\`${name}.${foreign}\` is not for ${kind === 'workos' ? 'WorkOS' : 'Stytch'}: use ${list(members)}`);
  known(demand, members, `${name}.`);
  for (const member of ['role', 'permission']) {
    check(demand[member] === undefined || isText(demand[member]), `\`${name}.${member}\` has to be a string`);
  }
  const { authorizationCheck } = demand;
  if (authorizationCheck === undefined) return;
  const isCheck = isObject(authorizationCheck) && isText(authorizationCheck.resource_id) && isText(authorizationCheck.action);
  check(isCheck, `\`${name}.authorizationCheck\` has to be { resource_id, action }`);
  known(authorizationCheck, ['resource_id', 'action', 'organization_id'], `${name}.authorizationCheck.`);
}

function checkRule(rule, name, kind) {
  check(isObject(rule), `\`${name}\` has to be a rule: { path: '/docs/*', require: 'public' }`);
  known(rule, RULE, `${name}.`);
  const { path, methods, require } = rule;
  // With any text in the place of the stars: an odd path is refused before any rule, so a rule for one would protect nothing.
  const canFit = isText(path) && isClear(path.replaceAll('*', 'x'));
  check(canFit, `\`${name}.path\` can never fit: write it decoded, from the first slash, without a query or anything odd, as in '/docs/*'`);
  const areMethods = methods === undefined || (Array.isArray(methods) && methods.length > 0 && methods.every(isText));
  check(areMethods, `\`${name}.methods\` has to be a list such as ['GET']`);
  if (require !== 'public') checkDemand(require, `${name}.require`, kind);
}

/** A page for signing in on this site is for everybody, with a slash at its end or without. */
function loginRule(loginUrl) {
  if (typeof loginUrl !== 'string' || !loginUrl.startsWith('/')) return [];
  const { clear } = readPath(loginUrl.split(/[?#]/, 1)[0]);
  check(clear !== undefined && !clear.includes('*'), '`loginUrl` has to be a plain path, such as `/login`');
  return [clear, clear.endsWith('/') ? clear.slice(0, -1) : `${clear}/`].map((path) => ({ path, require: 'public' }));
}

function workosSettings({ workos: client, cookiePassword }, cookie) {
  known(cookie, COOKIE, 'cookie.');
  const { name = 'wos-session', maxAge = limits.COOKIE_MAX_AGE_SECONDS } = cookie;
  const most = limits.COOKIE_MAX_AGE_SECONDS;
  const isAge = Number.isInteger(maxAge) && maxAge > 0 && maxAge <= most;
  check(isAge, `\`cookie.maxAge\` has to be a number of seconds, at most ${most} (400 days)`);
  const attributes = attributesOf('name', name, cookie, true);
  const checked = (given) => {
    const isOwn = typeof given?.userManagement?.loadSealedSession === 'function';
    // Throws for a password that is missing or cannot be one. The sessions of the SDK itself do not say whether to try again.
    const loaded = isOwn && given.userManagement.loadSealedSession({ sessionData: '', cookiePassword });
    check(typeof loaded?.getLogOutUrl === 'function', '`workos` has to be a `WorkOS` of edgeseal, or what `withEdgeseal(new WorkOS(…))` returns');
    return given;
  };
  if (typeof client !== 'function') checked(client);
  return {
    provider: workos,
    names: [name],
    gateOf: (environment, secure) => ({
      client: clientOf(client, environment, checked),
      cookiePassword,
      cookie: { ...withSecure(attributes, secure), maxAge },
    }),
  };
}

function stytchSettings({ stytch: client, cookiePassword }, cookie) {
  check(cookiePassword === undefined, '`cookiePassword` is for WorkOS: the sessions of Stytch are not sealed');
  known(cookie, STYTCH_COOKIE, 'cookie.');
  const { jwtName = 'stytch_session_jwt', tokenName = 'stytch_session', httpOnly = false } = cookie;
  check(typeof httpOnly === 'boolean', '`cookie.httpOnly` has to be true or false');
  check(jwtName !== tokenName, '`cookie.jwtName` and `cookie.tokenName` have to differ');
  const jwt = attributesOf('jwtName', jwtName, cookie, httpOnly);
  const token = attributesOf('tokenName', tokenName, cookie, httpOnly);
  const checked = (given) => {
    check(typeof given?.sessions?.check === 'function', '`stytch` has to be a `Client` or a `B2BClient` of `edgeseal/stytch`');
    return given;
  };
  if (typeof client !== 'function') checked(client);
  return {
    provider: stytch,
    names: [jwtName, tokenName],
    gateOf: (environment, secure) => ({
      client: clientOf(client, environment, checked),
      cookies: { jwt: withSecure(jwt, secure), token: withSecure(token, secure) },
    }),
  };
}

/** Whether a cookie is for https alone, the request says, where the options do not. */
const withSecure = (attributes, secure) => ({ ...attributes, secure: attributes.secure ?? secure });

const clientOf = (client, environment, checked) => (typeof client === 'function' ? checked(client(environment)) : client);

function attributesOf(member, name, { domain, path = '/', sameSite = 'lax', secure }, httpOnly) {
  check(isText(name) && /^[!#$%&'*+.^_`|~\w-]+$/.test(name), `\`cookie.${member}\` has to be a cookie's name, such as 'wos-session'`);
  check(domain === undefined || (isText(domain) && /^[a-z0-9.-]+$/i.test(domain)), "`cookie.domain` has to be a domain, such as 'example.com'");
  check(isText(path) && /^\/[\x21-\x3a\x3c-\x7e]*$/.test(path), "`cookie.path` has to be a path, such as '/'");
  check(['lax', 'strict', 'none'].includes(sameSite), "`cookie.sameSite` has to be 'lax', 'strict' or 'none'");
  check(secure === undefined || typeof secure === 'boolean', '`cookie.secure` has to be true or false');
  check(sameSite !== 'none' || secure !== false, "`cookie.sameSite` 'none' needs `cookie.secure`: browsers take no such cookie without it");
  const isPrefixed = name.startsWith('__Host-') || name.startsWith('__Secure-');
  check(!isPrefixed || secure !== false, `\`cookie.${member}\` with this prefix needs \`cookie.secure\``);
  const isOfHost = !name.startsWith('__Host-') || (domain === undefined && path === '/');
  check(isOfHost, `\`cookie.${member}\` with the prefix __Host- goes without \`cookie.domain\`, and with the path '/'`);
  return { name, domain, path, sameSite, httpOnly, secure: secure ?? (isPrefixed || sameSite === 'none' ? true : undefined) };
}

function known(object, members, prefix) {
  const unknown = Object.keys(object).find((member) => !members.includes(member));
  check(unknown === undefined, `\`${prefix}${unknown}\` is not known here: there is ${list(members)}`);
}

function check(isRight, message) {
  if (!isRight) throw new TypeError(message);
}

/** A path of this site, or all of an address. */
const isAddress = (value) => typeof value === 'string' && (/^\/(?!\/)/.test(value) || (/^https?:\/\//.test(value) && URL.canParse(value)));
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === 'string' && value !== '';
const list = (names) => names.map((name) => `\`${name}\``).join(', ');

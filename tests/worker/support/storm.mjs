// A storm: visitors with several tabs each, whose tokens expire all the time, against a fleet and a provider that both fail now
// and then. What everybody does comes from a seed; what they meet is counted. Holds no test.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { SESSION_COOKIE } from './gateway.mjs';
import { DOCUMENT, SCRIPT, parseSetCookie } from './http.mjs';
import { seeded } from './seeded.mjs';
import { signedIn, unseal } from './sessions.mjs';
import { countExchanges, percentiles } from './storm_counts.mjs';
import { Trouble } from './trouble.mjs';

/** People whose session fits into one cookie. */
const PEOPLE = ['ada', 'grace', 'alan', 'margaret'];

/** Of a turn: how often all tabs of a visitor load at once, as after waking a machine, and how far apart they are then. */
const ALL_TABS = 1 / 3;
const TABS_APART_MS = 150;

/** What befalls single requests, and how long a caller waits who gives up: about as long as an exchange takes. */
const GIVES_UP = 0.01;
const ANSWER_LOST = 0.01;
const LEAST_PATIENCE_MS = 5;
const MOST_PATIENCE_MS = 200;

/** A token counts as good when it outlives the request's way to the gateway, also on a busy machine. */
const GOOD_TOKEN_MARGIN_MS = 300;

/** How often, after the storm, somebody asks again who is told to: a provider that was down is spared for a while (src/limits.rs). */
const CALM_ATTEMPTS = 30;
const CALM_PAUSE_MS = 1_000;
/** A token that lives longer is not waited for. */
const LONGEST_WAIT_SECONDS = 60;

/** As much of an answer as is worth a look. */
const BODY_SHOWN = 200;

/**
 * @param {object} fleet see fleet.mjs
 * @param {object} provider of dev/, with a log that is long enough
 * @param {import('./weather.mjs').Weather} weather
 * @param {(line: string) => void} [onProgress]
 */
export async function storm(fleet, provider, weather, onProgress = () => {}) {
  provider.reset();
  const { tokenLifetimeSeconds, refreshGraceSeconds, exchangeMilliseconds } = weather;
  provider.knobs.set({ tokenLifetimeSeconds, refreshGraceSeconds, slow: { milliseconds: exchangeMilliseconds, endpoints: ['authenticate'] } });
  const counts = { requests: 0, ok: 0, unavailable: 0, refused: 0, gone: 0, lost: 0, failed: 0, foreign: 0, loggedOut: 0, failures: new Map(), goodTokenMs: [], allMs: [] };
  const people = Array.from({ length: weather.visitors }, (_, number) => new Person(fleet, provider, weather, counts, number));

  // Everybody has been there before: the isolates are warm and have the keys.
  await Promise.all(people.slice(0, fleet.copies).map((person, copy) => person.visitor.fetch('/auth/session', { headers: { 'x-fleet-copy': String(copy) } })));
  const begin = Date.now();
  const trouble = new Trouble(provider, weather.trouble, weather.seconds);
  const report = setInterval(() => {
    const elapsed = Math.round((Date.now() - begin) / 1000);
    onProgress(`${elapsed} of ${weather.seconds} s, ${counts.requests} requests, ${provider.requests().length} at the provider, ${counts.loggedOut} logged out`);
  }, 1_000);
  try {
    await Promise.all(people.map((person) => person.live(begin + weather.seconds * 1000)));
    trouble.end();
    onProgress('calm');
    const isSignedIn = await Promise.all(people.map((person) => person.isStillSignedIn()));
    // The last refresh token, too, must be good: once more, with the next generation.
    if (tokenLifetimeSeconds <= LONGEST_WAIT_SECONDS) await sleep((tokenLifetimeSeconds + 1) * 1000);
    const isStillSignedIn = await Promise.all(people.map((person) => person.isStillSignedIn()));
    counts.loggedOut += people.filter((_, number) => !isSignedIn[number] || !isStillSignedIn[number]).length;
  } finally {
    clearInterval(report);
    trouble.end();
  }
  const { goodTokenMs, allMs, ...rest } = counts;
  return { ...rest, goodToken: percentiles(goodTokenMs), all: percentiles(allMs), exchanges: countExchanges(provider.requests(), trouble.outageEnd) };
}

/** Somebody with a browser: one jar of cookies for all tabs, the last `Set-Cookie` to arrive wins. */
class Person {
  visitor;
  #fleet;
  #provider;
  #weather;
  #counts;
  #options;
  #random;

  constructor(fleet, provider, weather, counts, number) {
    this.#fleet = fleet;
    this.#provider = provider;
    this.#weather = weather;
    this.#counts = counts;
    this.#options = { person: PEOPLE[number % PEOPLE.length] };
    this.#random = seeded(weather.seed * 1_000 + number);
    this.#signIn();
  }

  /** Turn after turn until the time has come. */
  async live(end) {
    const { tabs, pauseSeconds } = this.#weather;
    const pause = (most) => sleep(Math.min(most, Math.max(0, end - Date.now())));
    await pause(this.#random() * pauseSeconds * 1000);
    while (Date.now() < end) {
      const open = this.#random() < ALL_TABS ? tabs : 1;
      const delays = Array.from({ length: open }, () => this.#random() * TABS_APART_MS);
      await Promise.all(delays.map((delay) => this.#burst(delay)));
      // Nothing is under way any more that could bring a cookie.
      if (!this.visitor.session) {
        this.#counts.loggedOut += 1;
        this.#signIn();
      }
      await pause((0.4 + 1.2 * this.#random()) * pauseSeconds * 1000);
    }
  }

  /** Whether the session is there once everything works again. */
  async isStillSignedIn() {
    let last = 'there is no cookie any more';
    for (let attempt = 0; attempt < CALM_ATTEMPTS && this.visitor.session; attempt += 1) {
      const answer = await this.visitor.fetch('/auth/session').catch((error) => ({ status: 0, body: error.message }));
      if (answer.status === 200 && answer.json().sessionId === this.visitor.sessionId) return true;
      last = `${answer.status} ${answer.body.slice(0, BODY_SHOWN)}`;
      await sleep(CALM_PAUSE_MS);
    }
    this.#note(`after the storm: ${last}`);
    return false;
  }

  #signIn() {
    // Another visitor, so that what is still under way for the old one cannot reach the new one's jar.
    this.visitor = signedIn(this.#fleet, this.#provider, this.#options);
    this.expiresAt = { sealed: undefined, milliseconds: 0 };
  }

  /** A page and what its scripts ask for, all at once. */
  async #burst(delay) {
    const dice = Array.from({ length: this.#weather.requests }, () => [this.#random(), this.#random(), this.#random()]);
    await sleep(delay);
    // Another tab's answer may have deleted the cookie meanwhile.
    if (!this.visitor.session) return;
    await Promise.all(dice.map((throws, number) => this.#ask(number === 0 ? '/app/' : '/auth/session', throws)));
  }

  async #ask(target, [givesUp, isLost, patience]) {
    const { vanishing, losesAnswers } = this.#weather;
    const headers = { ...(target === '/app/' ? DOCUMENT : SCRIPT) };
    if (vanishing && givesUp < GIVES_UP) headers['x-fleet-patience'] = String(Math.round(LEAST_PATIENCE_MS + patience * MOST_PATIENCE_MS));
    if (losesAnswers && isLost < ANSWER_LOST) headers['x-fleet-lose'] = 'yes';
    const hasGoodToken = this.#expiry() > Date.now() + GOOD_TOKEN_MARGIN_MS;
    this.#counts.requests += 1;
    try {
      const answer = await this.visitor.request(target, { headers });
      const kind = kindOf(answer);
      this.#counts[kind] += 1;
      if (kind === 'failed' || kind === 'refused') this.#note(`${answer.status} ${answer.headers.location ?? answer.body.slice(0, BODY_SHOWN)}`);
      if (this.#isForeign(target, kind, answer)) this.#counts.foreign += 1;
      if (kind === 'ok') this.#counts.allMs.push(Number(answer.headers['x-fleet-milliseconds']));
      if (kind === 'ok' && hasGoodToken) this.#counts.goodTokenMs.push(Number(answer.headers['x-fleet-milliseconds']));
    } catch (error) {
      assert.ok(!(error instanceof TypeError), error);
      this.#counts.failed += 1;
      this.#note(error.message);
    }
  }

  /** Whether an answer says another session, or brings another one's cookie. */
  #isForeign(target, kind, answer) {
    const own = this.visitor.sessionId;
    if (kind === 'ok' && target === '/auth/session' && answer.json().sessionId !== own) return true;
    return answer.setCookies.map(parseSetCookie).some(({ name, value }) => name === SESSION_COOKIE && value !== '' && claimsOf(value).sid !== own);
  }

  /** When the token in the jar expires. */
  #expiry() {
    const sealed = this.visitor.session;
    if (sealed && sealed !== this.expiresAt.sealed) this.expiresAt = { sealed, milliseconds: claimsOf(sealed).exp * 1000 };
    return sealed ? this.expiresAt.milliseconds : 0;
  }

  #note(failure) {
    this.#counts.failures.set(failure, (this.#counts.failures.get(failure) ?? 0) + 1);
  }
}

/** What an answer is to the visitor. */
function kindOf({ status }) {
  switch (status) {
    case 200:
      return 'ok';
    case 503:
      return 'unavailable';
    case 302:
    case 401:
      return 'refused';
    case 598:
      return 'gone';
    case 599:
      return 'lost';
    default:
      return 'failed';
  }
}

function claimsOf(sealed) {
  const [, claims] = JSON.parse(unseal(sealed)).accessToken.split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString());
}

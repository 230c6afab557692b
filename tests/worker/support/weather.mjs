// What goes on in a storm: how many visitors, how long, what befalls them and the provider. Holds no test.

/**
 * @typedef {{
 *   seed: number, visitors: number, tabs: number, requests: number, seconds: number, pauseSeconds: number,
 *   tokenLifetimeSeconds: number, refreshGraceSeconds: number, exchangeMilliseconds: number,
 *   vanishing: boolean, losesAnswers: boolean, trouble: import('./trouble.mjs').Kinds,
 * }} Weather `requests` in one burst of a tab; `pauseSeconds` between the turns of a visitor, on average; `vanishing`: callers give up
 *   now and then; `losesAnswers`: an answer of the gateway does not reach the browser now and then
 */

/** Bounded for two cores, which also carry the provider and the browsers: about 60 requests a second. @type {Omit<Weather, 'seed' | 'refreshGraceSeconds'>} */
export const SHORT = {
  visitors: 10,
  tabs: 3,
  requests: 6,
  seconds: 15,
  pauseSeconds: 1.7,
  tokenLifetimeSeconds: 3,
  // Roughly what an exchange takes at the real provider. Meanwhile other isolates know nothing of it.
  exchangeMilliseconds: 100,
  vanishing: true,
  losesAnswers: false,
  trouble: { limitsEverySeconds: 1.5, outageSeconds: 3 },
};

/** About 100 requests a second, for two minutes. */
export const LONG = {
  ...SHORT,
  visitors: 50,
  requests: 12,
  seconds: 120,
  pauseSeconds: 9,
  tokenLifetimeSeconds: 4,
  trouble: { limitsEverySeconds: 2, outageSeconds: 20 },
};

/** A refresh token is good once and never again; answers get lost between gateway and browser. */
export const withoutGrace = (weather) => ({ ...weather, refreshGraceSeconds: 0, losesAnswers: true });

/** The provider's replies get lost; it gives the same again for a while. */
export const withLostReplies = (weather) => ({ ...weather, refreshGraceSeconds: 30, trouble: { ...weather.trouble, losesReplyEverySeconds: 1 } });

/** Nothing goes wrong: for measuring. */
export const calm = (weather) => ({ ...weather, refreshGraceSeconds: 30, vanishing: false, losesAnswers: false, trouble: {} });

// Counts down to the end of the access token, once a second and only while somebody can see it.
// Must not fetch or write to the document: it reports through two callbacks.

/**
 * @typedef {object} Tick
 * @property {number} remaining  whole seconds, 0 when expired
 * @property {number} fraction   of the token's life that is left, 0 to 1
 * @property {number} age        seconds since the token was issued
 */

export class Countdown {
  #onTick;
  #onZero;
  #issuedAt = 0;
  #expiresAt = 0;
  #skewMs = 0;
  #running = false;
  #reportedZero = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {{ onTick: (tick: Tick) => void, onZero: () => void }} callbacks
   *   `onZero` is called once for each token, and never while the page is hidden.
   */
  constructor({ onTick, onZero }) {
    this.#onTick = onTick;
    this.#onZero = onZero;
    document.addEventListener('visibilitychange', () => this.#schedule());
  }

  /**
   * @param {{ issuedAt: number, expiresAt: number }} token seconds since 1970
   * @param {number} skewMs what to add to this machine's clock
   */
  start({ issuedAt, expiresAt }, skewMs) {
    this.#reportedZero = this.#running && expiresAt === this.#expiresAt && this.#reportedZero;
    this.#issuedAt = issuedAt;
    this.#expiresAt = expiresAt;
    this.#skewMs = skewMs;
    this.#running = true;
    this.#schedule();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  /** Whether the token is over, by the server's clock. */
  get expired() {
    return this.#running && this.#now() >= this.#expiresAt * 1000;
  }

  #now() {
    return Date.now() + this.#skewMs;
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (!this.#running || document.hidden) return;
    const now = this.#now();
    const left = this.#expiresAt * 1000 - now;
    const life = Math.max(1, this.#expiresAt - this.#issuedAt) * 1000;
    this.#onTick({
      remaining: Math.max(0, Math.ceil(left / 1000)),
      fraction: Math.min(1, Math.max(0, left / life)),
      age: Math.max(0, Math.floor(now / 1000 - this.#issuedAt)),
    });
    if (left <= 0 && !this.#reportedZero) {
      this.#reportedZero = true;
      this.#onZero();
      return;
    }
    // Just past the next full second, so that no second is shown twice or skipped.
    const wait = left > 0 ? (left % 1000) + 5 : 1000;
    this.#timer = setTimeout(() => this.#schedule(), wait);
  }
}

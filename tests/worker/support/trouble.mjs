// What a provider does in a storm: refuses for a moment, loses replies, is down for a while. Turns its knobs by the clock.
// Holds no test.

const TICK_MS = 50;

/** How long a moment of trouble lasts: one exchange or a few meet it. */
const MOMENT_SECONDS = 0.2;

const endpoints = ['authenticate'];

/** The outage begins when this share of the storm has passed. */
const OUTAGE_AT = 0.4;

/**
 * @typedef {{ limitsEverySeconds?: number, losesReplyEverySeconds?: number, outageSeconds?: number }} Kinds what is left out does not happen
 */
export class Trouble {
  #provider;
  #kinds;
  #outage;
  #begin = Date.now();
  #lostReplies = 0;
  #timer;

  /** @param {Kinds} kinds @param {number} seconds how long the storm lasts */
  constructor(provider, kinds, seconds) {
    this.#provider = provider;
    this.#kinds = kinds;
    const begin = seconds * OUTAGE_AT;
    this.#outage = { begin, end: begin + (kinds.outageSeconds ?? 0) };
    this.#timer = setInterval(() => this.#tick((Date.now() - this.#begin) / 1000), TICK_MS);
  }

  /** When the provider was there again, in milliseconds since 1970; none where it was never away. */
  get outageEnd() {
    return this.#outage.end > this.#outage.begin ? this.#begin + this.#outage.end * 1000 : null;
  }

  end() {
    clearInterval(this.#timer);
    this.#provider.knobs.set({ down: null, fail: null, loseReply: null });
  }

  #tick(elapsed) {
    const { limitsEverySeconds, losesReplyEverySeconds } = this.#kinds;
    const isOut = elapsed >= this.#outage.begin && elapsed < this.#outage.end;
    this.#provider.knobs.set({
      down: isOut ? {} : null,
      fail: isNow(limitsEverySeconds, elapsed) ? { status: 429, retryAfterSeconds: 1, endpoints } : null,
    });
    // One reply each time, of whichever exchange comes next: its repetition comes sooner than the next loss.
    const due = losesReplyEverySeconds === undefined ? 0 : Math.floor(elapsed / losesReplyEverySeconds);
    if (due > this.#lostReplies) {
      this.#lostReplies = due;
      this.#provider.knobs.set({ loseReply: { endpoints, times: 1 } });
    }
  }
}

/** For a moment, once in so many seconds. What nobody meets is over: else whoever comes after a long pause would meet it for sure. */
function isNow(everySeconds, elapsed) {
  return everySeconds !== undefined && elapsed >= everySeconds && elapsed % everySeconds < MOMENT_SECONDS;
}

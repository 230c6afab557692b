// Random sessions from a seed that is printed, so that a failure can be repeated with EDGESEAL_SEED. Under CI it is always the
// same: whoever changes something else is not the one to find what only a rare seed shows.

const seed = Number(process.env.EDGESEAL_SEED ?? (process.env.CI ? 1 : Date.now() % 2 ** 32));
console.log(`EDGESEAL_SEED=${seed}`);

/** How many sessions go each way per peer. */
export const SESSIONS = 200;

/** Sizes of the data that is sealed, in bytes, more or less. */
const SMALLEST = 200;
const LARGEST = 8 * 1024;

/** A source of random values, its own for every name, so that tests do not disturb each other. */
export class Random {
  #state;

  constructor(name) {
    this.#state = [...name].reduce((hash, character) => Math.imul(hash ^ character.codePointAt(0), 16777619), seed) >>> 0;
  }

  /** mulberry32: between 0 and 1. */
  fraction() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit) {
    return Math.floor(this.fraction() * limit);
  }

  pick(values) {
    return values[this.below(values.length)];
  }

  /** Text of every kind: ASCII, escapes, scripts, emoji, the whole of Unicode but surrogates. */
  text(length) {
    const ranges = [
      [0x20, 0x7f],
      [0x20, 0x7f],
      [0x00, 0x20],
      [0xa0, 0x2030],
      [0x4e00, 0x9fff],
      [0x1f300, 0x1faff],
      [0xe000, 0x10ffff],
    ];
    const character = () => {
      const [from, to] = this.pick(ranges);
      return String.fromCodePoint(from + this.below(to - from));
    };
    return Array.from({ length }, character).join('');
  }

  /** The provider's user, spelled as its API does. */
  user(largest = LARGEST) {
    const size = SMALLEST + this.below(largest - SMALLEST);
    const maybe = (value) => (this.below(3) === 0 ? null : value);
    const user = {
      object: 'user',
      id: `user_${this.below(1e9)}`,
      email: `${this.below(1e9)}@example.com`,
      email_verified: this.below(2) === 0,
      first_name: maybe(this.text(this.below(40))),
      last_name: maybe(this.text(this.below(40))),
      profile_picture_url: maybe('https://example.com/ä b.png'),
      last_sign_in_at: maybe('2026-01-01T00:00:00.000Z'),
      locale: maybe('en-GB'),
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
      external_id: maybe(this.text(10)),
      metadata: {},
    };
    while (Buffer.byteLength(JSON.stringify(user)) < size) {
      user.metadata[`key_${this.below(1e6)}`] = this.text(1 + this.below(200));
    }
    return user;
  }

  /** Any data that JSON can hold. */
  data() {
    const user = this.user();
    const values = [null, true, 0, -0.5, 1e21, Number.MAX_SAFE_INTEGER, '', [], {}, [[1], { a: [null] }], this.text(20)];
    return { user, [this.text(5)]: this.pick(values), list: [this.pick(values), this.pick(values)] };
  }
}

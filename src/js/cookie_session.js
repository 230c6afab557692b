// One session cookie, as `loadSealedSession` gives it. It is JavaScript's own object and not Rust's: to have one of Rust's collected
// costs 0.7 µs, as much as everything else when a cookie is recognised.

export class CookieSession {
  #checker;
  #sessionData;

  constructor(checker, sessionData) {
    this.#checker = checker;
    this.#sessionData = sessionData;
  }

  async authenticate() {
    return this.#checker.authenticate(this.#sessionData);
  }

  async refresh(options = {}) {
    const { cookiePassword, organizationId } = checked(options);
    const next = cookiePassword === undefined ? this.#checker : this.#checker.withPassword(cookiePassword);
    const result = await this.#checker.refresh(this.#sessionData, next, organizationId);
    if (result.authenticated) {
      this.#checker = next;
      this.#sessionData = result.sealedSession;
    }
    return result;
  }

  async getLogoutUrl(options = {}) {
    return this.#checker.logoutUrl(this.#sessionData, checked(options).returnTo);
  }

  getLogOutUrl(options) {
    return this.getLogoutUrl(options);
  }
}

function checked(options) {
  if (typeof options !== 'object' || options === null) throw new TypeError('`options` has to be an object');
  return options;
}

// `Client` and `B2BClient`: the session calls of the Stytch SDK, under its names. They reject where it rejects, because a middleware that
// trusts a resolved `authenticateJwt` must not be let down; only `check` gives a refusal as a value. What is refused, the core decides.

import { ClientError, errorOf } from './stytch_errors.js';

/** The clients over this class of the core. */
export const clientsOf = (Project) => ({
  Client: class Client {
    constructor(config) {
      const project = new Project(config, false);
      this.sessions = new Sessions(project, 'session');
      this.m2m = new M2M(project);
      this.idp = new IDP(project);
    }
  },
  B2BClient: class B2BClient {
    constructor(config) {
      const project = new Project(config, true);
      this.sessions = new MemberSessions(project, 'member_session');
      this.m2m = new M2M(project);
      this.idp = new IDP(project);
    }
  },
});

class Sessions {
  #project;
  #member;

  constructor(project, member) {
    this.#project = project;
    this.#member = member;
  }

  async authenticateJwt(options) {
    const outcome = await outcomeOf(this.#project.authenticateJwt(options));
    return this.#authentication(good(outcome), options);
  }

  async check(options) {
    const outcome = await outcomeOf(this.#project.authenticateJwt(options));
    if (!outcome.refused) return { authenticated: true, ...this.#authentication(outcome, options) };
    const { error, ...meaning } = outcome.refused;
    return { authenticated: false, ...meaning };
  }

  async authenticateJwtLocal(options) {
    return good(await outcomeOf(this.#project.authenticateJwtLocal(options))).local;
  }

  async authenticate(options) {
    return answered(this.#project.authenticate(options));
  }

  async revoke(options) {
    return answered(this.#project.revoke(options));
  }

  async get(options) {
    return answered(this.#project.get(options));
  }

  async getJWKS(options) {
    return answered(this.#project.getJWKS(options));
  }

  #authentication({ local, remote, fallback_reason }, { session_jwt }) {
    return local ? { [this.#member]: local, session_jwt, source: 'local' } : { ...remote, source: 'remote', fallback_reason };
  }
}

class MemberSessions extends Sessions {
  #project;

  constructor(project, member) {
    super(project, member);
    this.#project = project;
  }

  async revoke(options, { authorization } = {}) {
    // Without it the call would be made with all the rights of the project.
    if (authorization !== undefined) throw new TypeError('`authorization` is not supported: revoke with the `stytch` package');
    return super.revoke(options);
  }

  async exchange(options) {
    return answered(this.#project.exchange(options));
  }
}

class M2M {
  #project;

  constructor(project) {
    this.#project = project;
  }

  async authenticateToken(options, scopeAuthorizationFunc) {
    const required = options?.required_scopes;
    const asked = scopeAuthorizationFunc ? { ...options, required_scopes: undefined } : options;
    const outcome = await outcomeOf(this.#project.authenticateToken(asked));
    if (outcome.refused?.error.client?.code === 'missing_scopes') throw errorOf(outcome.refused, required);
    const { answer } = good(outcome);
    if (required?.length > 0 && scopeAuthorizationFunc && !scopeAuthorizationFunc({ hasScopes: answer.scopes, requiredScopes: required })) {
      const error = new ClientError('missing_scopes', 'Missing at least one required scope', required);
      throw Object.assign(error, { reason: 'missing_scopes', detail: 'missing_scopes', retryable: false });
    }
    return answer;
  }
}

class IDP {
  #project;

  constructor(project) {
    this.#project = project;
  }

  async introspectTokenLocal(token, options) {
    return answered(this.#project.introspectTokenLocal(token, options));
  }
}

/** What the core says: a text, or the promise of one where it had to wait. */
const outcomeOf = (given) => (typeof given === 'string' ? JSON.parse(given) : given.then(JSON.parse));

const answered = async (given) => good(await outcomeOf(given)).answer;

function good(outcome) {
  if (outcome.refused) throw errorOf(outcome.refused);
  return outcome;
}

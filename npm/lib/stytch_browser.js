// `edgeseal/stytch` in a browser, where a client is a mistake: it needs the project's secret, and whoever opens the page has it.

export * as envs from './stytch_envs.js';
export { ClientError, RequestError, StytchError } from './stytch_errors.js';

const refuse = () => {
  throw new TypeError('`secret` has no place in a browser: whoever opens the page would have it');
};

export class Client {
  constructor() {
    refuse();
  }
}

export class B2BClient {
  constructor() {
    refuse();
  }
}

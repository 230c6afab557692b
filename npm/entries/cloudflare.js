// Entry `edgeseal/cloudflare`: the Durable Object that keeps a session, for Workers of one's own. What it decides, the core decides.

import { DurableObject } from 'cloudflare:workers';

import { addressOptions } from '../lib/address.js';
import { SessionKeeping } from '../wasm/edgeseal.js';
// Instantiates the core, as `edgeseal` does in the same Worker.
import './workerd.js';

/** Options of a client, and the variables that stand for them. They are called as the gateway's, so that both may share an object. */
const VARIABLES = {
  key: 'WORKOS_API_KEY',
  clientId: 'WORKOS_CLIENT_ID',
  apiHostname: 'WORKOS_BASE_URL',
  cookiePassword: 'WORKOS_COOKIE_PASSWORD',
};

export class SessionObject extends DurableObject {
  #keeping;

  constructor(state, environment) {
    super(state, environment);
    this.#keeping = keepingOf(state, environment);
  }

  async fetch(request) {
    // Whether there is an object at all.
    if (request.method === 'GET') return new Response();
    const answer = await this.#keeping.receive(await request.text());
    return answer === undefined ? new Response('not a message', { status: 400 }) : new Response(answer);
  }

  alarm() {
    return this.#keeping.alarm();
  }
}

function keepingOf(state, environment) {
  try {
    const { WORKOS_API_KEY: key, WORKOS_CLIENT_ID: clientId, WORKOS_BASE_URL: url } = environment;
    const address = url ? addressOptions(url) : {};
    return new SessionKeeping(state, key, { clientId, ...address, cookiePassword: passwordOf(environment) });
  } catch (error) {
    const problem = `SessionObject: ${error.message.replace(/^`(\w+)`/, (whole, name) => VARIABLES[name] ?? whole)}`;
    // Whoever asks the object hears only that it does not answer.
    console.error(problem);
    throw new TypeError(problem);
  }
}

/** One password, or a JSON array of them, newest first. */
function passwordOf({ WORKOS_COOKIE_PASSWORD: given }) {
  return typeof given === 'string' && given.trimStart().startsWith('[') ? JSON.parse(given) : given;
}

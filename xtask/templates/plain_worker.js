// The main module of a Worker in Rust without objects.

import * as core from './edgeseal.js';

export default {
  fetch: (request, environment, context) => core.fetch(request, environment, context),
};

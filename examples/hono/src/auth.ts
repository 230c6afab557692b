// Who may see what. What no rule names needs a session.

import { edgeseal } from 'edgeseal/hono';
import { workosOf, type Bindings } from './workos';

export const auth = edgeseal({
  workos: (env: Bindings) => workosOf(env),
  loginUrl: '/login',
  routes: [
    { path: '/', require: 'public' },
    { path: '/callback', require: 'public' },
  ],
});

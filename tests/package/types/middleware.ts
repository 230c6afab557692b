// A server of Node's own, without Express and Fastify. Compiled, never run.

import { createServer } from 'node:http';
import { WorkOS } from 'edgeseal';
import { edgeseal as forFetch } from 'edgeseal/fetch';
import { edgeseal } from 'edgeseal/node';

const workos = new WorkOS('k', { clientId: 'client_1', cookiePassword: '…' });
const auth = edgeseal({ workos });
createServer((req, res) => auth(req, res, () => res.end(req.auth?.user.email)));
export const answer = forFetch({ workos })(new Request('http://localhost/'), undefined, (request, session) => new Response(session?.sessionId));

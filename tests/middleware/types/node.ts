// Express, Fastify and Node's own server. Compiled, never run.

import express from 'express';
import Fastify from 'fastify';
import { createServer } from 'node:http';
import { WorkOS } from 'edgeseal';
import { edgeseal, safeReturnTo } from 'edgeseal/node';

const auth = edgeseal({
  workos: new WorkOS('k', { clientId: 'client_1', cookiePassword: '…' }),
  loginUrl: (request, { detail }) => `/login?${detail}`,
});

const app = express();
app.use(auth);
app.get('/', (req, res) => {
  // @ts-expect-error on public pages there may be nobody
  req.auth.user;
  const email: string | undefined = req.auth?.user.email;
  res.send(email);
});
app.get('/admin', auth.require({ role: 'admin' }), async (req, res) => {
  res.append('set-cookie', [...auth.deleteCookies(req), ...(await auth.setCookies(req, 'sealed'))]);
  res.redirect(safeReturnTo(String(req.query.return_to)));
});

const fastify = Fastify();
fastify.addHook('onRequest', auth);
fastify.get('/admin', { preHandler: auth.require({ permission: 'x' }) }, async (request, reply) => {
  reply.header('set-cookie', auth.deleteCookies(request));
  return request.auth?.user.email;
});

createServer((req, res) => auth(req, res, () => res.end(req.auth?.user.email)));

// The same site in every framework, behind the middleware, on a real server. What it does at which path, `ACTIONS` says. Holds no test.

import { once } from 'node:events';
import http from 'node:http';

import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import express4 from 'express-4';
import Fastify from 'fastify';
import { Hono } from 'hono';

import { send } from '../../worker/support/http.mjs';
import { forFetch, forHono, forNode } from './package.mjs';

const WHO = ['/who', '/public/who', '/admin/who', '/guarded/who', '/Admin/who', '/admin'];

/** What the site does, in the words of the web. `site` has the calls of the middleware. */
const ACTIONS = {
  '/redirect': () => Response.redirect('http://localhost/elsewhere', 302),
  '/fault': () => new Response('not well', { status: 418 }),
  '/empty': () => new Response(null, { status: 204 }),
  '/kept': () => new Response('kept', { headers: { 'cache-control': 'public, max-age=60, s-maxage=600', 'cdn-cache-control': 'max-age=600', vary: 'Accept' } }),
  '/public/kept': () => new Response('kept', { headers: { 'cache-control': 'public, max-age=60' } }),
  '/guarded/kept': () => new Response('kept', { headers: { 'cache-control': 'public, max-age=60' } }),
  '/own-cookie': () => new Response('', { headers: [['set-cookie', 'theme=dark'], ['set-cookie', 'lang=en']] }),
  '/switched': () => new Response('', { headers: { 'set-cookie': 'wos-session=of-the-handler; Path=/; HttpOnly' } }),
  '/signed-out': () => new Response('', { headers: { 'set-cookie': 'wos-session=; Path=/; Max-Age=0' } }),
  '/stream': () => new Response(slowly(['one ', 'two ', 'three'])),
  '/throw': () => {
    throw new Error('a handler that throws');
  },
};

const slowly = (pieces) =>
  new ReadableStream({
    async pull(controller) {
      if (pieces.length === 0) return controller.close();
      await new Promise((resolve) => setTimeout(resolve, 5));
      controller.enqueue(new TextEncoder().encode(pieces.shift()));
    },
  });

const whoIs = (session) => ({ email: session?.user?.email ?? null, id: session?.sessionId ?? session?.session_id ?? session?.member_session_id ?? null });

/** What a web handler does. */
function answer(path, session) {
  if (WHO.includes(path)) return Response.json(whoIs(session));
  return ACTIONS[path]?.() ?? Response.json({ path, ...whoIs(session) }, { status: 404 });
}

/** The demand of one route: everything under /guarded, which the rules leave public. */
const GUARD = ['/guarded/*', { role: 'admin' }];

/** A site on the web's own requests. It has no routes of its own, so it guards by a rule. */
export function fetchSite({ guard = GUARD[1], ...options }) {
  const routes = (options.routes ?? []).map((rule) => (rule.path === GUARD[0] ? { ...rule, require: guard } : rule));
  const auth = forFetch({ ...options, routes });
  return serveWeb((request, environment) => auth(request, environment, (same, session) => answer(new URL(same.url).pathname, session)));
}

export function honoSite({ guard = GUARD[1], ...options }) {
  const auth = forHono(options);
  const app = new Hono();
  app.use(auth);
  app.use(GUARD[0], auth.require(guard));
  // As an app inside of another one has it.
  app.use('/public/*', auth);
  app.all('*', (c) => answer(new URL(c.req.url).pathname, c.get('session')));
  return serveWeb(app.fetch);
}

const serveWeb = (fetch) => serve(createAdaptorServer({ fetch: (request) => fetch(request, {}) }));

const expressSiteOf = (make) => ({ guard = GUARD[1], ...options }) => {
  const auth = forNode(options);
  const app = make();
  app.use(auth);
  app.use('/guarded', auth.require(guard));
  // As a router inside of another one has it.
  app.use('/public', auth);
  app.use((req, res, next) => inNode(req.originalUrl.split('?')[0], req.auth, res).catch(next));
  return serve(http.createServer(app));
};

export const expressSite = expressSiteOf(express);
export const express4Site = expressSiteOf(express4);

export async function fastifySite({ guard = GUARD[1], ...options }) {
  const auth = forNode(options);
  const app = Fastify();
  app.addHook('onRequest', auth);
  app.all(GUARD[0], { preHandler: auth.require(guard) }, (request, reply) => inFastify(request, reply));
  app.all('*', (request, reply) => inFastify(request, reply));
  await app.ready();
  return serve(app.server);
}

function inFastify(request, reply) {
  const response = answer(request.raw.url.split('?')[0], request.auth);
  for (const [name, value] of response.headers) reply.header(name, value);
  reply.code(response.status).send(response.body ?? undefined);
  return reply;
}

/** With everything that Node's responses can do. */
async function inNode(path, session, res) {
  const response = answer(path, session);
  if (path === '/redirect') return res.redirect(response.headers.get('location'));
  if (path === '/own-cookie') return res.writeHead(200, { 'Set-Cookie': response.headers.getSetCookie() }).end();
  if (path === '/switched') return res.writeHead(200, ['set-cookie', response.headers.get('set-cookie')]).end();
  res.status(response.status);
  for (const [name, value] of response.headers) res.append(name, value);
  if (!response.body) return res.end();
  for await (const piece of response.body) res.write(piece);
  return res.end();
}

async function serve(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const address = new URL(`http://127.0.0.1:${port}`);
  return {
    port,
    /** One request; see `send`. The host is the name that browsers know the site by. */
    request: (target, { headers, ...options } = {}) => send(address, target, { ...options, headers: { host: `localhost:${port}`, ...headers } }),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const SITES = { fetch: fetchSite, Hono: honoSite, 'Express 5': expressSite, 'Express 4': express4Site, Fastify: fastifySite };

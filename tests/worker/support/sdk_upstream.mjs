// Sites behind the gateway that know nothing of it: they open, refresh and delete the session cookie with WorkOS's own SDK, for
// Node in this process and for Python in one of its own. Holds no test.
//
// Both answer the same: `/show` what the SDK makes of the cookie, `/refresh` sets the next generation, `/leave` deletes the cookie,
// and `POST /set` sets the lines that its body lists.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

import { installPython } from '../../support/python.mjs';
import { sdk } from './sessions.mjs';

const PYTHON_SITE = fileURLToPath(new URL('sdk_upstream.py', import.meta.url));
const PYTHON_PACKAGE = 'workos>=10,<11';

/** What a site sets beside the session, wherever it sets that: a gateway has no business with it. */
export const OTHER_LINES = ['first=1; Path=/; HttpOnly', 'last=a,b; Expires=Wed, 21 Oct 2037 07:28:00 GMT'];

/** A site on `@workos-inc/node`. */
export async function startNodeSite(provider, { cookieName, cookiePassword }) {
  const { userManagement } = sdk(provider);
  const server = http.createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const header = request.headers.cookie ?? '';
    const sessionData = header.split('; ').find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1) ?? '';
    const session = userManagement.loadSealedSession({ sessionData, cookiePassword });
    const [first, last] = OTHER_LINES;
    const respond = (result, lines = []) => {
      response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': lines });
      response.end(JSON.stringify({ header, headers: request.headers, ...result }));
    };
    switch (new URL(request.url, 'http://site').pathname) {
      case '/refresh': {
        const { authenticated, reason, sealedSession } = await session.refresh();
        const line = `${cookieName}=${sealedSession}; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict`;
        return respond({ authenticated, reason, sealedSession }, authenticated ? [first, line, last] : []);
      }
      case '/leave':
        return respond({}, [first, `${cookieName}=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT`, last]);
      case '/public/set':
      case '/set':
        return respond({}, JSON.parse(Buffer.concat(pieces).toString()));
      default: {
        const { authenticated, reason, sessionId, user, impersonator } = await session.authenticate();
        return respond({ authenticated, reason, sessionId, email: user?.email, impersonator: impersonator?.email });
      }
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * A site on the PyPI package `workos`, in a virtual environment of its own.
 * @returns {Promise<{ url: string, close: () => Promise<void> } | { missing: string }>} what this machine lacks, where it lacks something
 */
export async function startPythonSite(provider, { cookieName, cookiePassword }) {
  const python = await installPython(PYTHON_PACKAGE);
  if (python.missing) return python;
  const settings = { base_url: provider.url, api_key: provider.apiKey, client_id: provider.clientId, cookie_name: cookieName, cookie_password: cookiePassword, other_lines: OTHER_LINES };
  // The provider is on this machine, whatever stands between it and others.
  const env = { ...process.env, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' };
  const child = spawn(python.program, [PYTHON_SITE, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const ended = once(child, 'exit');
  const [port] = await Promise.race([once(readline.createInterface({ input: child.stdout }), 'line'), ended.then(() => [])]);
  if (!Number(port)) {
    python.remove();
    throw new Error('the Python site did not start');
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      child.kill();
      await ended;
      python.remove();
    },
  };
}

// What a wrapped Worker runs so that its objects can be looked into and evicted, as source text: a class around `Built`, and the
// requests that reach it. Holds no test.

import { createHash } from 'node:crypto';

/** `class SessionObject` around one that is called `Built`. */
export const CONTROLLED_CLASS = `
export class SessionObject extends Built {
  life = crypto.randomUUID();
  isDoomed = false;

  async fetch(request) {
    const { hostname, pathname } = new URL(request.url);
    if (hostname !== 'control.internal') {
      if (this.isDoomed) this.ctx.abort('evicted by a test');
      return super.fetch(request);
    }
    const { storage } = this.ctx;
    switch (pathname) {
      case '/look':
        return Response.json({ life: this.life, stored: Object.fromEntries(await storage.list()), alarm: await storage.getAlarm() });
      case '/store':
        await storage.put('record', await request.text());
        return new Response();
      case '/alarm':
        await this.alarm();
        return new Response();
      case '/doom':
        this.isDoomed = true;
        return new Response();
      case '/evict':
        await storage.sync();
        this.ctx.abort('evicted by a test');
    }
    return new Response(null, { status: 404 });
  }
}
`;

/** `control(sessions, action, name, body)`: does this to the object of that name. */
export const CONTROL_FUNCTION = `
async function control(sessions, action, name, body) {
  try {
    return await sessions.getByName(name).fetch('https://control.internal/' + action, { method: 'POST', body });
  } catch (error) {
    return new Response(String(error), { status: 500 });
  }
}
`;

/** The name of the object of a session, as `object_name` in src/rotation.rs. */
export function objectName(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(Buffer.byteLength(part)));
    hash.update(length).update(part);
  }
  return hash.digest('base64url');
}

// The tables as a Worker: `/authenticate/edgeseal?count=7` runs a case seven times. Its clock stands still meanwhile; who asks, measures.

import { WorkOS } from '@workos-inc/node';
import * as ironSession from 'iron-session';
import * as iron from 'iron-webcrypto';
import * as jose from 'jose';

import * as portable from 'edgeseal-portable';
import * as relaxed from 'edgeseal-relaxed';

import portableModule from './edgeseal-portable.wasm';
import relaxedModule from './edgeseal-relaxed.wasm';
import stockModule from './stock.wasm';

import { createTables } from '../cases.mjs';
import { OURS, PORTABLE } from '../participants.mjs';
import { Stock } from '../stock.mjs';

relaxed.initSync({ module: relaxedModule });
portable.initSync({ module: portableModule });

let tables;

export default {
  async fetch(request, { FIXTURE: fixture, OPTIONS: options }) {
    tables ??= await createTables({
      fixture,
      options,
      edgeseal: { [OURS]: relaxed, [PORTABLE]: portable },
      stock: new Stock(stockModule),
      peers: { WorkOS, ironSession, iron, jose },
    });
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/') return Response.json(tables.map(({ id, title, cases }) => ({ id, title, cases: cases.map(({ name, width }) => ({ name, width })) })));
    const [, id, name] = pathname.split('/').map(decodeURIComponent);
    const { run } = tables.find((table) => table.id === id).cases.find((item) => item.name === name);
    try {
      await run(Number(searchParams.get('count')));
      return new Response();
    } catch (error) {
      return new Response(String(error.stack), { status: 500 });
    }
  },
};

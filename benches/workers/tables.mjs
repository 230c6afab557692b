// The tables as a Worker: `/authenticate/edgeseal?count=7` runs a case seven times, `/nothing` none, and `/tables` names them all. Its clock
// stands still meanwhile; who asks, measures.

import { WorkOS } from '@workos-inc/node';
import * as ironSession from 'iron-session';
import * as iron from 'iron-webcrypto';
import * as jose from 'jose';
import { Client as Stytch } from 'stytch';

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
  async fetch(request, { FIXTURE: fixture, OPTIONS: options, STYTCH: stytch }) {
    tables ??= await createTables({
      fixture,
      options,
      stytch,
      edgeseal: { [OURS]: relaxed, [PORTABLE]: portable },
      stock: new Stock(stockModule),
      peers: { WorkOS, Stytch, ironSession, iron, jose },
    });
    const { pathname, searchParams } = new URL(request.url);
    const [, id, name] = pathname.split('/').map(decodeURIComponent);
    switch (id) {
      case 'nothing':
        return new Response();
      case 'tables':
        return Response.json(tables.map(({ cases, ...table }) => ({ ...table, cases: cases.map(({ name, width }) => ({ name, width })) })));
      default:
        return run(tables.find((table) => table.id === id).cases.find((item) => item.name === name), Number(searchParams.get('count')));
    }
  },
};

/** What goes wrong is told in the answer: workerd's own would say nothing. */
async function run(item, count) {
  try {
    await item.run(count);
    return new Response();
  } catch (error) {
    return new Response(String(error.stack), { status: 500 });
  }
}

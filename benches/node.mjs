// The tables in Node, in this process.

import * as nodeCrypto from 'node:crypto';

import { WorkOS } from '@workos-inc/node';
import * as ironSession from 'iron-session';
import * as iron from 'iron-webcrypto';
import * as jose from 'jose';
import { Client as Stytch } from 'stytch';

import { createTables } from './cases.mjs';
import { compileStock, loadEdgeseal } from './edgeseal.mjs';
import { OURS, PORTABLE } from './participants.mjs';
import { measureTables } from './rounds.mjs';
import { Stock } from './stock.mjs';

export async function measureNode({ relaxed, portable, stock }, fixture, { options, stytch }, effort, onProgress) {
  const tables = await createTables({
    fixture,
    options,
    stytch,
    edgeseal: { [OURS]: await loadEdgeseal(relaxed), [PORTABLE]: await loadEdgeseal(portable) },
    stock: new Stock(await compileStock(stock)),
    peers: { WorkOS, Stytch, ironSession, iron, jose, nodeCrypto },
  });
  return measureTables(tables, clock, effort, onProgress);
}

const clock = {
  async time(table, { run }, count) {
    const begin = process.hrtime.bigint();
    await run(count);
    return Number(process.hrtime.bigint() - begin) / 1000;
  },
  base: () => 0,
};

// The tables in the documents are those of results.json.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';

import { published } from '../../scripts/library/publish.mjs';

const results = JSON.parse(fs.readFileSync(new URL('../results.json', import.meta.url), 'utf8'));

for (const [name, text] of Object.entries(published(results))) {
  test(`${name} shows what was measured`, () => {
    const shown = fs.readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
    assert.ok(shown === text, 'write it anew: npm run bench -- --from benches/results.json --publish');
  });
}

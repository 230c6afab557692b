// The page's words against the gateway's source: every code that /app/ can meet has a sentence, and none outlives its code.
// Needs no browser.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';

import { MAPS, refusedWords, signedOutWords, unavailableWords } from '../../www/assets/js/words.js';

const source = (path) => fs.readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The table in src/error.rs: `Name = "code", Reason, Consequence;`. */
const rejections = Array.from(
  source('src/error.rs').matchAll(/^\s+\w+ = "(\w+)", \w+, (Refuse|Retry|End);$/gmu),
  ([, code, consequence]) => ({ code, retryable: consequence === 'Retry' }),
);

/** Codes of requests that are refused whatever the session: `…(inbound, 403, "cross_site")` and the like. */
const ofRequests = ['src/gateway.rs', 'src/gateway/answer.rs'].flatMap((path) =>
  Array.from(source(path).matchAll(/(?:plain_refusal|bad_request)\(\s*inbound,\s*(?:\d+,\s*)?"(\w+)"/gu), ([, code]) => code),
);

/** Codes that a page of the site never meets: what it calls is under /auth, and not fetched ahead of time. */
const NOT_HERE = ['path_ambiguous', 'prefetched'];

/** The page's own, for answers without a code. */
const own = Array.from(source('www/assets/js/api.js').matchAll(/detail(?:: | \|\| )'(\w+)'/gu), ([, code]) => code);

/** Statuses of a switch that is refused by what the other organization demands. */
const ofSwitches = Array.from(/fn switch_refused.*?=> 403/su.exec(source('src/gateway/answer.rs'))?.[0].matchAll(/Rejection::(\w+)$|Rejection::(\w+) =>/gmu) ?? [], ([, one, last]) => snakeCase(one ?? last));

test('the source is read as it is meant', () => {
  assert.ok(rejections.length >= 30, `${rejections.length} rejections`);
  assert.ok(rejections.some(({ code, retryable }) => code === 'provider_timeout' && retryable));
  for (const code of ['cross_site', 'endpoint_not_found', 'organization_missing', ...NOT_HERE]) assert.ok(ofRequests.includes(code), code);
  assert.deepEqual([...new Set(own)].sort(), ['no_answer', 'unreadable_answer']);
  assert.deepEqual([...ofSwitches].sort(), ['interaction_required', 'mfa_enrollment', 'organization_refused', 'sso_required']);
});

test('every code has a sentence where it can be met', () => {
  const lacking = [
    ...rejections.filter(({ code, retryable }) => !(retryable ? MAPS.unavailable : MAPS.signedOut).has(code)).map(({ code }) => code),
    ...ofRequests.filter((code) => !NOT_HERE.includes(code) && !MAPS.refused.has(code)),
    ...ofSwitches.filter((code) => !MAPS.refused.has(code)),
    ...own.filter((code) => !MAPS.unavailable.has(code)),
  ];
  assert.deepEqual(lacking, []);
});

test('no sentence is about a code that does not exist, or cannot be met there', () => {
  const codes = (wanted) => rejections.filter(({ retryable }) => retryable === wanted).map(({ code }) => code);
  const surplus = (map, known) => [...map.keys()].filter((code) => !known.includes(code));
  assert.deepEqual(surplus(MAPS.signedOut, codes(false)), []);
  assert.deepEqual(surplus(MAPS.unavailable, [...codes(true), ...own]), []);
  assert.deepEqual(surplus(MAPS.refused, [...ofRequests, ...ofSwitches]), []);
});

test('a code of a later version gets a sentence that is true of all', () => {
  const unknown = { reason: 'server_error', detail: 'not_known_yet' };
  for (const words of [signedOutWords, unavailableWords, refusedWords]) assert.match(words(unknown), /^The .+\.$/u);
});

test('every code of a callback has words of its own on the gateway’s page, or needs none', () => {
  const flow = Array.from(source('src/gateway/workos/flow.rs').matchAll(/Self::\w+ => "(\w+)"/gu), ([, code]) => code);
  const callback = Array.from(source('src/gateway/workos/callback.rs').matchAll(/"([a-z]+_[a-z_]+)"/gu), ([, code]) => code);
  assert.ok(flow.includes('state_unknown') && callback.includes('sign_in_denied'), 'the source is read as it is meant');
  // These two are a fault between site and provider: there is nothing for a visitor to know but to start again.
  const plain = ['code_missing', 'code_rejected'];
  const failed = /fn sign_in_failed.*?\n\}/su.exec(source('src/gateway/page.rs'))[0];
  assert.deepEqual([...flow, ...callback].filter((code) => !plain.includes(code) && !failed.includes(`"${code}"`)), []);
});

/** @param {string} name of a variant */
function snakeCase(name) {
  return name.replace(/(?<=[a-z])(?=[A-Z])/gu, '_').toLowerCase();
}

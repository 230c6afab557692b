// What a storm comes to: rotations and replays per refresh token from the provider's log, percentiles, a table. Holds no test.

/**
 * @param {import('../../../dev/src/requests.mjs').RequestEntry[]} log of a provider of dev/
 * @param {number | null} outageEnd in milliseconds since 1970
 */
export function countExchanges(log, outageEnd) {
  const exchanges = log.filter(({ grantType, endpoint }) => endpoint === 'authenticate' && grantType !== 'authorization_code');
  /** @type {Map<string, { rotated: number, replayed: number, exchanged: number, lostReplies: number }>} */
  const tokens = new Map();
  for (const { sessionId, generation, outcome, knob } of exchanges) {
    if (sessionId === null) continue;
    const key = `${sessionId}/${generation}`;
    if (!tokens.has(key)) tokens.set(key, { rotated: 0, replayed: 0, exchanged: 0, lostReplies: 0 });
    const token = tokens.get(key);
    token[outcome] += 1;
    if (knob === 'loseReply') token.lostReplies += 1;
  }
  const all = [...tokens.values()];
  const sum = (name) => all.reduce((total, token) => total + token[name], 0);
  const firstAfter = exchanges.find(({ outcome, time }) => outageEnd !== null && outcome !== null && time >= outageEnd);
  const playedBy = (name) => exchanges.filter(({ knob }) => knob === name).length;
  return {
    total: exchanges.length,
    rotated: sum('rotated'),
    replayed: sum('replayed'),
    /** Presented again when the grace was over: what ends sessions. */
    tooLate: sum('exchanged'),
    /** Tokens that were presented, and of them those that were not rotated exactly once. */
    tokens: all.length,
    notRotatedOnce: all.filter(({ rotated }) => rotated !== 1).length,
    /** Tokens that were replayed more than once, and more often than a reply was lost. */
    replayedTooOften: all.filter(({ replayed, lostReplies }) => replayed > Math.max(1, lostReplies)).length,
    /** Tokens that were presented again although no reply was lost. */
    presentedAgain: all.filter(({ replayed, exchanged, lostReplies }) => replayed + exchanged > lostReplies).length,
    lostReplies: sum('lostReplies'),
    limited: playedBy('fail'),
    cutOff: playedBy('down'),
    /** How long after the outage the provider first did its work again. */
    secondsToRecover: firstAfter ? Math.round((firstAfter.time - outageEnd) / 100) / 10 : null,
  };
}

/** @param {number[]} milliseconds */
export function percentiles(milliseconds) {
  const sorted = [...milliseconds].sort((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** @param {string[]} heads @param {(string | number)[][]} rows */
export function markdownTable(heads, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map((_, number) => (number === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** What does not hold of a storm in which nobody may be logged out; empty where all does. @returns {string[]} */
export function violations({ refused, failed, failures, foreign, loggedOut, exchanges }) {
  const { notRotatedOnce, replayedTooOften, presentedAgain, tooLate } = exchanges;
  const said = Array.from(failures, ([failure, times]) => `${failure} (${times} times)`);
  const violated = Object.entries({
    'visitors were logged out': loggedOut,
    'answers sent a visitor to sign in': refused,
    'answers showed or set another session': foreign,
    'requests got no answer': failed,
    'refresh tokens were not rotated exactly once': notRotatedOnce,
    'refresh tokens were presented after their end': tooLate,
    'refresh tokens were presented again although no reply was lost': presentedAgain,
    'refresh tokens were replayed more than once': replayedTooOften,
  }).filter(([, times]) => times > 0).map(([what, times]) => `${times} ${what}`);
  return violated.length > 0 ? [...violated, ...said] : [];
}

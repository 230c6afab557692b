// The tables that stand in README.md, docs/speed.md and the start page of the site, between two marks.

import fs from 'node:fs';

import { coldStarts, comparisons, conditions, operations, sizes, subject } from '../../benches/report.mjs';
import { inside } from './paths.mjs';
import { Problem } from './problem.mjs';
import { asHtml, asMarkdown, escapeHtml } from './tables.mjs';

const BEGIN = '<!-- measured: begin (npm run bench -- --publish) -->';
const END = '<!-- measured: end -->';

/** What stands between the marks of each document. */
const SECTIONS = {
  'README.md': (results) => [asMarkdown(comparisons(results)), conditions(results), subject(results)],
  'docs/speed.md': (results) => {
    const tables = [...operations(results), ...coldStarts(results), sizes(results)];
    return [conditions(results), subject(results), '', ...tables.map(asMarkdown)];
  },
  'www/index.html': (results) => [asHtml(withoutMinima(comparisons(results))), `<p class="muted conditions">${escapeHtml(`${conditions(results)} ${subject(results)}`)}</p>`],
};

/** At a glance medians will do. */
const withoutMinima = ({ rows, ...table }) => ({ ...table, title: 'How many times as fast as its peers, by medians', rows: rows.map((row) => row.map((cell) => cell.replace(/ \(.*\)$/, ''))) });

/** Puts the results into the documents. */
export function publish(results) {
  for (const [name, text] of Object.entries(published(results))) fs.writeFileSync(inside(name), text);
}

/** The documents as they have to be, by name. */
export function published(results) {
  const replaced = ([name, section]) => {
    const text = fs.readFileSync(inside(name), 'utf8');
    const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
    if (begin < 0 || end < begin) throw new Problem(`${name} has lost the marks of its measured section: ${BEGIN} and ${END}.`);
    return [name, `${text.slice(0, begin + BEGIN.length)}\n${section(results).join('\n').trimEnd()}\n${text.slice(end)}`];
  };
  return Object.fromEntries(Object.entries(SECTIONS).map(replaced));
}

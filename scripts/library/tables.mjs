// Tables of text: `{ title, columns: [label, …], rows: [[cell, …], …] }`, the first column to the left, numbers to the right.

/** Aligned, for a terminal. */
export function asText({ title, columns, rows }) {
  const widths = columns.map((label, index) => Math.max(...[label, ...rows.map((row) => row[index])].map((cell) => cell.length)));
  const line = (cells) => cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index]))).join('  ').trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [title, rule, line(columns), rule, ...rows.map(line), ''].join('\n');
}

/** For a document in Markdown; what is first in a row is never a number there either. */
export function asMarkdown({ title, columns, rows }) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = `|---|${'--:|'.repeat(columns.length - 1)}`;
  return [`**${title}**`, '', line(columns), rule, ...rows.map(line), ''].join('\n');
}

/** For a page; what is first in a row names it. */
export function asHtml({ title, columns, rows }) {
  const head = columns.map((label) => (label === '' ? '<td></td>' : `<th scope="col">${escapeHtml(label)}</th>`)).join('');
  const row = ([first, ...rest]) => `<tr><th scope="row">${escapeHtml(first)}</th>${rest.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
  return [`<table>`, `<caption>${escapeHtml(title)}</caption>`, `<thead><tr>${head}</tr></thead>`, '<tbody>', ...rows.map(row), '</tbody>', '</table>'].join('\n');
}

export const escapeHtml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Three digits, and a comma for thousands; a dash for what noise has drowned. */
export function number(value) {
  if (value === undefined || !(value > 0)) return '–';
  if (value >= 99.95) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

/** `6.3×`; `1.27×` where a tenth would hide who is faster. */
export function times(value) {
  if (!Number.isFinite(value) || value <= 0) return '–';
  if (value >= 9.95) return `${Math.round(value).toLocaleString('en')}×`;
  return `${value.toFixed(value >= 1.995 ? 1 : 2)}×`;
}

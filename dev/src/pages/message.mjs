// A page that says one thing. Shows only what its caller wrote, never a part of the request.

import { escape, page } from './layout.mjs';

/** @param {number} status @param {string} title @param {string} text @param {{ href: string, label: string } | null} [link] */
export function messagePage(status, title, text, link = null) {
  const onward = link ? `<p><a href="${escape(link.href)}">${escape(link.label)}</a></p>` : '';
  return page({ status, title, main: `<h1>${escape(title)}</h1>\n<p class="quiet">${escape(text)}</p>\n${onward}` });
}

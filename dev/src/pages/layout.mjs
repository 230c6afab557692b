// The frame of every page: document, style, headers. Self-contained: no script, no external resource, no state.

import { createHash } from 'node:crypto';

const STYLE = `
:root {
  color-scheme: light dark;
  --page: #eef2f4; --card: #ffffff; --ink: #14212b; --quiet: #4f606d; --line: #cfd8de;
  --accent: #0b5a6f; --on-accent: #ffffff; --wash: #e3eff2; --warn: #7a4a00; --warn-wash: #fdf1dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e151a; --card: #172129; --ink: #e7eef2; --quiet: #a3b4c0; --line: #31404b;
    --accent: #79cfe0; --on-accent: #06232b; --wash: #1d313a; --warn: #f3cf8d; --warn-wash: #33280f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
.notice { margin: 0; padding: .55rem 1rem; background: var(--warn-wash); color: var(--warn); font-size: .875rem; text-align: center; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 3rem; }
main.wide { max-width: 68rem; }
h1 { margin: 0 0 .25rem; font-size: 1.75rem; line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
h2 { margin: 0; font-size: 1.0625rem; line-height: 1.35; }
p { margin: 0 0 1rem; }
a { color: var(--accent); }
.quiet { color: var(--quiet); }
.small { font-size: .875rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
button, input, select { font: inherit; color: inherit; }
button { min-height: 2.75rem; padding: .45rem .9rem; border: 1px solid var(--accent); border-radius: .5rem; background: transparent; color: var(--accent); font-weight: 600; line-height: 1.3; text-align: start; cursor: pointer; }
button:hover { background: var(--wash); }
button.main { background: var(--accent); color: var(--on-accent); }
button.main:hover { filter: brightness(1.1); }
button.plain { border-color: var(--line); color: var(--ink); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (forced-colors: active) { button { border-color: ButtonText; } }
`;

const ICON = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%230b5a6f'/%3E%3Cpath d='M5 8.2l2.2 2.2L11.2 6' fill='none' stroke='white' stroke-width='1.8'/%3E%3C/svg%3E";

/**
 * @param {{ status?: number, title: string, style?: string, wide?: boolean, main: string }} page `main` and `style` are HTML and CSS, already safe
 * @returns {import('../http.mjs').Answer}
 */
export function page({ status = 200, title, style = '', wide = false, main }) {
  const css = STYLE + style;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // Without form-action on purpose: browsers apply it to the redirect back to the application too.
      'content-security-policy': `default-src 'none'; style-src 'sha256-${hash(css)}'; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'same-origin',
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · Local provider</title>
<link rel="icon" href="${ICON}">
<style>${css}</style>
</head>
<body>
<header class="notice"><strong>Local provider, for development only.</strong> Nobody's identity is checked here.</header>
<main${wide ? ' class="wide"' : ''}>
${main}
</main>
</body>
</html>
`,
  };
}

/** Text as HTML, safe in elements and in quoted attributes. */
export function escape(text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return String(text).replace(/[&<>"']/g, (character) => entities[character]);
}

function hash(text) {
  return createHash('sha256').update(text).digest('base64');
}

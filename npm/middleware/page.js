// Pages that the middleware shows itself. They stand alone, without a file of the site or a script: they are shown when other things do not
// work. Texts are its own; nothing of a request stands in them.

const STYLE =
  ':root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:16px;box-sizing:border-box;' +
  'font:1rem/1.55 system-ui,sans-serif}' +
  'main{max-width:32rem;text-align:center}h1{font-size:1.5rem;line-height:1.25}code{font-size:.8125rem}';

/** What the browser compares `STYLE` with: base64 of its SHA-256. A test does too. */
const STYLE_HASH = 'Se209AL1Hp2Vt6948iHZt11/QlAZaW9xHwUs88E7X8M=';

/** What pages say, by status. */
const TEXTS = {
  400: ['This address cannot be read', 'It has more than one reading. Please check it, or start from the start page.'],
  401: ['Please sign in', 'This page is for people who are signed in.'],
  403: ['This page is not for you', 'You are signed in, and your role does not allow you to see it.'],
  503: ['Please try again in a moment', 'We cannot check right now whether you are signed in. You have not been signed out.'],
};

export const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export function page(status, detail) {
  const [title, text] = TEXTS[status];
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<meta name="robots" content="noindex"><title>${title}</title><style>${STYLE}</style></head>` +
    `<body><main><h1>${title}</h1><p>${text}</p><p><code>${detail}</code></p></main></body></html>\n`
  );
}

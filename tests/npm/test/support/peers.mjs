// Seals as the SDKs for Python, Ruby, Go, Rust and PHP write them, built from their description on node:crypto and tweetnacl: what stands
// here has no line in common with the core.
//
// A peer has a `name`, a `format`, and works in batches: `seal` takes a list of `{ data, password }` and gives seals, `open` takes a
// list of `{ sealed, password }` and gives the data of each, or undefined where it refuses.

import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import nacl from 'tweetnacl';

const VERSION = Buffer.of(1);

const sha256 = (password) => createHash('sha256').update(password).digest();
const goKey = (password) => (/^[0-9a-f]{64}$/i.test(password) ? Buffer.from(password, 'hex') : sha256(password));

const ruby = {
  seal(plaintext, password) {
    const { nonce, tag, ciphertext } = encrypt(plaintext, sha256(password));
    return Buffer.concat([VERSION, nonce, tag, ciphertext]).toString('base64');
  },
  open(sealed, password) {
    const [version, nonce, tag, ciphertext] = cut(Buffer.from(sealed, 'base64'), 1, 12, 16);
    if (!version.equals(VERSION)) throw new Error('another version');
    return decrypt(nonce, ciphertext, tag, sha256(password));
  },
};

/** Only written: nothing writes it here any more. With MIME's line breaks and without. */
const rubyLegacy = {
  seal(plaintext, password) {
    const { nonce, tag, ciphertext } = encrypt(plaintext, Buffer.from(password));
    const sealed = Buffer.concat([nonce, ciphertext, tag]).toString('base64');
    return nonce[0] % 2 === 0 ? sealed : sealed.replace(/.{60}/g, '$&\n');
  },
};

const go = {
  seal(plaintext, password) {
    // Once in four times it starts like a seal of Ruby's, so that the first guess is wrong.
    const start = randomBytes(1)[0] % 4 === 0 ? VERSION : randomBytes(1);
    const { nonce, tag, ciphertext } = encrypt(plaintext, goKey(password), Buffer.concat([start, randomBytes(11)]));
    return Buffer.concat([nonce, ciphertext, tag]).toString('base64');
  },
  open(sealed, password) {
    const [nonce, rest] = cut(Buffer.from(sealed, 'base64'), 12);
    return decrypt(nonce, rest.subarray(0, -16), rest.subarray(-16), goKey(password));
  },
};

const fernet = {
  seal(plaintext, password) {
    const [signing, encryption] = cut(Buffer.from(password, 'base64url'), 16);
    const head = Buffer.concat([Buffer.of(0x80), Buffer.alloc(8), randomBytes(16)]);
    head.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000)), 1);
    const cipher = createCipheriv('aes-128-cbc', encryption, head.subarray(9));
    const signed = Buffer.concat([head, cipher.update(plaintext), cipher.final()]);
    const mac = createHmac('sha256', signing).update(signed).digest();
    return Buffer.concat([signed, mac]).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  },
  open(sealed, password) {
    const [signing, encryption] = cut(Buffer.from(password, 'base64url'), 16);
    const bytes = Buffer.from(sealed, 'base64url');
    const [signed, mac] = [bytes.subarray(0, -32), bytes.subarray(-32)];
    if (!timingSafeEqual(createHmac('sha256', signing).update(signed).digest(), mac)) throw new Error('another MAC');
    const decipher = createDecipheriv('aes-128-cbc', encryption, signed.subarray(9, 25));
    return Buffer.concat([decipher.update(signed.subarray(25)), decipher.final()]);
  },
};

const php = {
  seal(plaintext, password) {
    const nonce = randomBytes(24);
    return Buffer.concat([nonce, nacl.secretbox(plaintext, nonce, Buffer.from(password, 'base64'))]).toString('base64');
  },
  open(sealed, password) {
    const [nonce, rest] = cut(Buffer.from(sealed, 'base64'), 24);
    const opened = nacl.secretbox.open(rest, nonce, Buffer.from(password, 'base64'));
    if (!opened) throw new Error('another tag');
    return Buffer.from(opened);
  },
};

/** The peers of this file, by format. */
export const nodePeers = [
  peer('node:crypto', 'fernet', fernet),
  peer('node:crypto', 'ruby', ruby),
  peer('node:crypto', 'ruby-legacy', rubyLegacy),
  peer('node:crypto', 'go', go),
  peer('tweetnacl', 'php', php),
];

function peer(name, format, implementation) {
  const open = ({ sealed, password }) => {
    let plaintext;
    try {
      plaintext = implementation.open(sealed, password);
    } catch {
      return undefined;
    }
    // What opens has to be the data: nonsense is a failure, not a refusal.
    return JSON.parse(plaintext.toString());
  };
  return {
    name,
    format,
    seal: async (items) => items.map(({ data, password }) => implementation.seal(Buffer.from(JSON.stringify(data)), password)),
    open: async (items) => items.map(open),
  };
}

function encrypt(plaintext, key, nonce = randomBytes(12)) {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { nonce, tag: cipher.getAuthTag(), ciphertext };
}

function decrypt(nonce, ciphertext, tag, key) {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

/** The first pieces of these lengths, and the rest. */
function cut(bytes, ...lengths) {
  const pieces = lengths.map((length, index) => {
    const start = lengths.slice(0, index).reduce((sum, each) => sum + each, 0);
    return bytes.subarray(start, start + length);
  });
  return [...pieces, bytes.subarray(lengths.reduce((sum, each) => sum + each, 0))];
}

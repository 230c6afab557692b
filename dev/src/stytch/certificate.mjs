// A self-signed certificate around a signing key (RFC 5280 §4.1), because Stytch's key sets hold one.
// Nobody may trust it: it is there so that verifiers meet the members that they have to pass over.

import { createHash, createSign } from 'node:crypto';

/** sha256WithRSAEncryption, with its NULL parameter (RFC 4055 §5). */
const ALGORITHM = Buffer.from('300d06092a864886f70d01010b0500', 'hex');

/** The object identifier of a common name, 2.5.4.3. */
const COMMON_NAME = Buffer.from('0603550403', 'hex');

/** Beyond any clock that a test turns. */
const VALIDITY = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')));

/** @param {Record<'publicKey' | 'privateKey', import('node:crypto').KeyObject>} pair @returns {{ x5c: string[], x5tS256: string }} */
export function certificateMembers({ publicKey, privateKey }) {
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('Local provider')))));
  const serialNumber = der(0x02, Buffer.from([1]));
  const signed = sequence(serialNumber, ALGORITHM, name, VALIDITY, name, publicKey.export({ type: 'spki', format: 'der' }));
  const signature = createSign('RSA-SHA256').update(signed).sign(privateKey);
  const certificate = sequence(signed, ALGORITHM, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return { x5c: [certificate.toString('base64')], x5tS256: createHash('sha256').update(certificate).digest('base64') };
}

function sequence(...parts) {
  return der(0x30, Buffer.concat(parts));
}

/** Tag, length and content (X.690 §8.1); lengths up to 65535. */
function der(tag, content) {
  const { length } = content;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), content]);
}

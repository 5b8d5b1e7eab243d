import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  bitString,
  context,
  integer,
  objectId,
  sequence,
  setOf,
  utf8String,
} from '../server/certificates/der.ts';

/** A PKCS#10 request in PEM, and the key it was made with. */
export function signingRequest(of: {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** P-256 when unset. */
  readonly key?: 'ec' | 'rsa' | 'ed25519';
  /** Signed with another key than the one it is for. */
  readonly forged?: boolean;
}): { readonly pem: string; readonly privateKey: KeyObject } {
  const { commonName, organizations = [], key = 'ec' } = of;
  const { privateKey, publicKey } = newKey(key);
  const part = (id: string, text: string): Buffer => setOf(sequence(objectId(id), utf8String(text)));
  const info = sequence(
    integer(Buffer.of(0)),
    sequence(...organizations.map((name) => part('2.5.4.10', name)), part('2.5.4.3', commonName)),
    publicKey.export({ type: 'spki', format: 'der' }),
    context(0, Buffer.alloc(0), true),
  );
  const algorithms = {
    ec: '1.2.840.10045.4.3.2',
    rsa: '1.2.840.113549.1.1.11',
    ed25519: '1.3.101.112',
  } as const;
  const signer = of.forged === true ? newKey(key).privateKey : privateKey;
  const signature = sign(key === 'ed25519' ? null : 'sha256', info, signer);
  const der = sequence(info, sequence(objectId(algorithms[key])), bitString(signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
  return { pem, privateKey };
}

function newKey(kind: 'ec' | 'rsa' | 'ed25519'): {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
} {
  switch (kind) {
    case 'ec':
      return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'ed25519':
      return generateKeyPairSync('ed25519');
  }
}

import { randomBytes, randomUUID } from 'node:crypto';

/** Port: the only source of chance. Seeded in simulation, the system's otherwise. */
export interface Random {
  /** A version 4 UUID. */
  uuid(): string;
  /** A real in [0, 1). */
  next(): number;
  /** `length` characters of Kubernetes' name alphabet (no vowels, no look-alikes). */
  suffix(length: number): string;
}

/** Source: apimachinery util/rand; chosen upstream so that no word is spelt. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

function suffixFrom(next: () => number, length: number): string {
  let text = '';
  for (let at = 0; at < length; at += 1) text += ALPHABET[Math.floor(next() * ALPHABET.length)];
  return text;
}

export function systemRandom(): Random {
  const next = (): number => randomBytes(4).readUInt32BE(0) / 2 ** 32;
  return { uuid: randomUUID, next, suffix: (length) => suffixFrom(next, length) };
}

/** Deterministic: the same seed gives the same sequence (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join('');
  return {
    next,
    suffix: (length) => suffixFrom(next, length),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[Math.floor(next() * 4)]}${hex(3)}-${hex(12)}`,
  };
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PodRange } from './pod-address.ts';

/** Pods' users lie here: above what distributions, user namespaces and containers of others take, below 2^31. */
export const POD_USERS = { first: 1_900_000_000, last: 2_147_000_000 } as const;

/** Who the pods run as. */
export type PodUsers =
  /** As ourselves: we are not root. */
  | { readonly kind: 'ourselves' }
  /** All of them as one user. */
  | { readonly kind: 'one'; readonly user: number }
  /** Each pod as a user of its own: base + its index in the pod range. */
  | { readonly kind: 'own'; readonly base: number };

/**
 * Source of the form of uid_map: user_namespaces(7).
 * @param chosen  what the machine's owner set; 0 means as ourselves
 */
export function choosePodUsers(options: {
  readonly ownUid: number;
  readonly chosen: number | undefined;
  readonly uidMap: string;
  readonly range: PodRange;
  /** Each data directory has its own stretch of users, as far as a digest can tell them apart. */
  readonly dataDirectory: string;
}): PodUsers {
  if (options.ownUid !== 0 || options.chosen === 0) return { kind: 'ourselves' };
  if (options.chosen !== undefined) return { kind: 'one', user: options.chosen };
  const { size } = options.range;
  const digest = createHash('sha256').update(resolve(options.dataDirectory)).digest();
  // Anywhere in between: that two directories' pods of one moment share a user is less likely than with fixed stretches.
  const base = POD_USERS.first + (digest.readUInt32BE(0) % (POD_USERS.last - POD_USERS.first - size));
  const mapped = options.uidMap.split('\n').some((line) => {
    const [inside = Number.NaN, , count = Number.NaN] = line.trim().split(/\s+/).map(Number);
    return inside <= base && base + size <= inside + count;
  });
  // In a user namespace with few users: nobody, whom all pods share then.
  return mapped ? { kind: 'own', base } : { kind: 'one', user: 65534 };
}

export function podUserAt(users: PodUsers, index: number): number | null {
  if (users.kind === 'ourselves') return null;
  return users.kind === 'one' ? users.user : users.base + index;
}

/** Whether all processes of `user` are one pod's, so that they may be killed by their user. */
export function isPodsAlone(user: number | null): boolean {
  return user !== null && user >= POD_USERS.first;
}

export function readUidMap(): string {
  try {
    return readFileSync('/proc/self/uid_map', 'latin1');
  } catch {
    return '0 0 4294967295';
  }
}

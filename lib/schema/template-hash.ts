import { createHash } from 'node:crypto';
import { canonicalJson } from '../base/json.ts';
import type { PodTemplateSpec } from './types.gen.ts';

/** The label a Deployment puts on its ReplicaSets and their pods. */
export const TEMPLATE_HASH_LABEL = 'pod-template-hash';

/** No vowels and no look-alikes: a hash spells no word. Source: apimachinery util/rand SafeEncodeString. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const HASH_CHARS = 10;

/**
 * Ten characters that are the same for the same pod template, the hash label and the order of keys aside. `collisionCount`
 * (of the Deployment's status) gives another one when a hash is taken by another template.
 */
export function templateHash(template: PodTemplateSpec, collisionCount = 0): string {
  const { [TEMPLATE_HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {};
  const bare = { ...template, metadata: { ...template.metadata, labels } };
  const digest = createHash('sha256')
    .update(`${collisionCount} ${canonicalJson(bare)}`)
    .digest();
  let text = '';
  for (const byte of digest.subarray(0, HASH_CHARS)) text += ALPHABET[byte % ALPHABET.length];
  return text;
}

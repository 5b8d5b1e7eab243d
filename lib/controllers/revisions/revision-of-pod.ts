import type { Pod } from '../../schema/types.gen.ts';
import { REVISION_HASH_LABEL } from './history.ts';

/** The hash of the revision that a pod was made of; '' when it does not say. */
export function revisionOfPod({ metadata }: Pod): string {
  return metadata.labels?.[REVISION_HASH_LABEL] ?? '';
}

export function isUpdated(pod: Pod, hash: string): boolean {
  return revisionOfPod(pod) === hash;
}

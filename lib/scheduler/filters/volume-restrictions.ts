import { claimKey } from '../state/volume-catalog.ts';
import type { Filter, Refusal } from './filter.ts';

const ONE_POD_ONLY: Refusal = {
  filter: 'VolumeRestrictions',
  reasons: ['node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'],
  isFinal: false,
};

/** A claim of mode ReadWriteOncePod is one pod's only, wherever that is. */
export const volumeRestrictions: Filter = {
  name: 'VolumeRestrictions',
  prepare({ uid, namespace, claims }, { volumes, usersOf }) {
    const exclusive = claims
      .filter((name) => volumes.claim(namespace, name)?.spec?.accessModes?.includes('ReadWriteOncePod'))
      .map((name) => claimKey({ namespace, name }));
    if (exclusive.length === 0) return null;
    const isTaken = (claim: string): boolean => usersOf(claim).some((user) => user.uid !== uid);
    return { test: () => (exclusive.some(isTaken) ? ONE_POD_ONLY : null) };
  },
};

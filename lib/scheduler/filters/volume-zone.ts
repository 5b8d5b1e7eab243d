import { topologyValue } from '../facts/node-facts.ts';
import type { Filter, Refusal } from './filter.ts';

const KEYS = [
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
] as const;

const ELSEWHERE: Refusal = {
  filter: 'VolumeZone',
  reasons: ['node(s) had no available volume zone'],
  isFinal: true,
};

/** A bound volume with labels of a zone or region is reached from there only; several are joined by `__`. */
export const volumeZone: Filter = {
  name: 'VolumeZone',
  prepare({ namespace, claims }, { volumes }) {
    const wanted = claims.flatMap((name) => {
      const { volumeName = '' } = volumes.claim(namespace, name)?.spec ?? {};
      const labels = volumes.volume(volumeName)?.metadata.labels ?? {};
      return KEYS.flatMap((key) =>
        Object.hasOwn(labels, key) ? [{ key, values: (labels[key] ?? '').split('__') }] : [],
      );
    });
    if (wanted.length === 0) return null;
    return {
      test({ node }) {
        // Where nodes say nothing of zones there are none.
        if (!KEYS.some((key) => topologyValue(node, key) !== undefined)) return null;
        const isThere = wanted.every(({ key, values }) => values.includes(topologyValue(node, key) ?? ''));
        return isThere ? null : ELSEWHERE;
      },
    };
  },
};

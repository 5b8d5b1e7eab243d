import { limits } from '../../base/limits.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { Affinity, PodSpec } from '../types.gen.ts';
import { tooMany } from '../wording.ts';

/**
 * What a pod says of other pods, together: each is held against every pod there is, again and again while victims are tried. Upstream
 * knows no bound, and its scheduler is nobody else's process.
 */
export const podTerms: readonly Rule[] = [
  {
    on: typeNamed('core/v1.Affinity'),
    check({ podAffinity, podAntiAffinity }: Sound<Affinity>, at) {
      const lists = [podAffinity, podAntiAffinity].flatMap((each) => [
        each?.requiredDuringSchedulingIgnoredDuringExecution?.length ?? 0,
        each?.preferredDuringSchedulingIgnoredDuringExecution?.length ?? 0,
      ]);
      const count = lists.reduce((sum, each) => sum + each, 0);
      checkCount(at, { path: [], count });
    },
  },
  {
    on: typeNamed('core/v1.PodSpec'),
    check({ topologySpreadConstraints = [] }: Sound<PodSpec>, at) {
      checkCount(at, { path: ['topologySpreadConstraints'], count: topologySpreadConstraints.length });
    },
  },
];

function checkCount(at: At, { path, count }: { readonly path: readonly string[]; readonly count: number }) {
  const { podTermsMax: max } = limits;
  if (count <= max) return;
  const wording = tooMany({ count, max });
  at.error('out-of-range', path, `holds ${count} terms about other pods; at most ${max} are allowed`, {
    wording,
  });
}

import { deepEqual } from '../../base/json.ts';
import { TEMPLATE_HASH_LABEL } from '../../schema/template-hash.ts';
import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../schema/types.gen.ts';

/** A Deployment's ReplicaSets: the one with its template, and the others. */
export type ReplicaSets = { readonly current: ReplicaSet | null; readonly old: readonly ReplicaSet[] };

/** Sorts them by template, the hash label aside; of several with the present template the oldest is the one. */
export function sortReplicaSets(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSets {
  const wanted = bareTemplate(deployment.spec.template);
  const matching = sets.filter(
    ({ spec }) => spec.template !== undefined && deepEqual(bareTemplate(spec.template), wanted),
  );
  const current = matching.toSorted(byAge)[0] ?? null;
  return { current, old: sets.filter((set) => set !== current).toSorted(byAge) };
}

function byAge({ metadata: a }: ReplicaSet, { metadata: b }: ReplicaSet): number {
  const [ageA, ageB] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  if (ageA !== ageB) return ageA < ageB ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

function bareTemplate(template: PodTemplateSpec): unknown {
  const { labels, annotations } = template.metadata ?? {};
  const { [TEMPLATE_HASH_LABEL]: _hash, ...bare } = labels ?? {};
  return { labels: bare, annotations: annotations ?? {}, spec: template.spec };
}

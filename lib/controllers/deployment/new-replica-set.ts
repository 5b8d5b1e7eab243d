import { limits } from '../../base/limits.ts';
import { ownerReferenceTo } from '../../schema/owner.ts';
import { TEMPLATE_HASH_LABEL, templateHash } from '../../schema/template-hash.ts';
import type { Deployment, ReplicaSet } from '../../schema/types.gen.ts';

/** The hash a new ReplicaSet is named after, and how many hashes were taken. */
export type FreeHash = { readonly hash: string; readonly collisionCount: number | undefined };

/**
 * A hash whose name is free. A name that is taken belongs to a ReplicaSet of another template (one of ours with this template
 * would have been found): the next collision count gives another hash.
 */
export function freeHash(deployment: Deployment, isTaken: (name: string) => boolean): FreeHash {
  const { metadata, spec, status } = deployment;
  let collisionCount = status?.collisionCount;
  for (let tries = 0; tries < limits.hashCollisionsMax; tries += 1) {
    const hash = templateHash(spec.template, collisionCount);
    if (!isTaken(`${metadata.name}-${hash}`)) return { hash, collisionCount };
    collisionCount = (collisionCount ?? 0) + 1;
  }
  return { hash: templateHash(spec.template, collisionCount), collisionCount };
}

/** The ReplicaSet of the present template. Its name is the Deployment's and the hash: the same template has the same name. */
export function newReplicaSet(
  deployment: Deployment,
  options: {
    readonly hash: string;
    readonly replicas: number;
    readonly annotations: Readonly<Record<string, string>>;
  },
): ReplicaSet {
  const { metadata, spec } = deployment;
  const hashLabel = { [TEMPLATE_HASH_LABEL]: options.hash };
  const labels = { ...spec.template.metadata?.labels, ...hashLabel };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${options.hash}`,
      namespace: metadata.namespace,
      labels,
      annotations: options.annotations,
      ownerReferences: [ownerReferenceTo(deployment)],
    },
    spec: {
      replicas: options.replicas,
      ...(spec.minReadySeconds !== undefined && { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, ...hashLabel } },
      template: { ...spec.template, metadata: { name: '', ...spec.template.metadata, labels } },
    },
  };
}

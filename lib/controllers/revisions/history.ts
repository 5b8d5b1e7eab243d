import { deepEqual, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import type { KubeObject } from '../../schema/object.ts';
import { ownerReferenceTo } from '../../schema/owner.ts';
import { templateHash } from '../../schema/template-hash.ts';
import type { ControllerRevision, LabelSelector, PodTemplateSpec } from '../../schema/types.gen.ts';
import { claim } from '../harness/claim.ts';
import type { RevisionAction } from './revision-action.ts';
import { revisionData } from './revision-data.ts';

/** On revisions and on pods: the hash that names a pod's revision. */
export const REVISION_HASH_LABEL = 'controller-revision-hash';
/** It says what was applied from a file, and would double every revision. */
const NOT_COPIED = 'kubectl.kubernetes.io/last-applied-configuration';

export type HistoryInput = {
  readonly owner: KubeObject;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  /** The owner's status.collisionCount. */
  readonly collisionCount: number | undefined;
  /** The revisions it controls, and those in its namespace that nobody does. */
  readonly candidates: readonly ControllerRevision[];
  /** Whether a ControllerRevision of the namespace has this name. */
  readonly isNameTaken: (name: string) => boolean;
};

/** The revisions of a workload, the one of its present template among them, and what is to be written for that. */
export type History = {
  /** Of the present template; made by one of the actions where it is new. */
  readonly update: ControllerRevision;
  /** All others, oldest first. */
  readonly old: readonly ControllerRevision[];
  readonly collisionCount: number | undefined;
  readonly actions: readonly RevisionAction[];
};

/**
 * Finds the revision of the present template by its content, whatever its name: one that was there before gets the highest
 * number again, so that going back is a step forward in history too. Source: upstream constructHistory, getStatefulSetRevisions.
 */
export function historyOf(input: HistoryInput): History {
  const { owner, template, candidates, selector } = input;
  const claims = claim(owner, selector, candidates);
  const known = [...claims.owned, ...claims.adopt].toSorted(byNumber);
  const claimed: readonly RevisionAction[] = [
    ...claims.adopt.map((revision) => ({ do: 'adopt-revision', revision }) as const),
    ...claims.release.map((revision) => ({ do: 'release-revision', revision }) as const),
  ];
  const data = revisionData(template);
  const equal = known.findLast((revision) => deepEqual(revision.data, data));
  const old = known.filter((revision) => revision !== equal);
  const next = Math.max(0, ...old.map(({ revision }) => revision)) + 1;
  if (equal === undefined) {
    const { hash, collisionCount } = freeHash(input);
    const update = newRevision(owner, { template, data, hash, number: next });
    const create = { do: 'create-revision', revision: update } as const;
    return { update, old, collisionCount, actions: [...claimed, create] };
  }
  const { collisionCount } = input;
  // One that is adopted in this step is written already; what else it needs follows in the next.
  if (equal.revision >= next || claims.adopt.includes(equal)) {
    return { update: equal, old, collisionCount, actions: claimed };
  }
  const update = { ...equal, revision: next };
  const number = { do: 'number-revision', revision: update } as const;
  return { update, old, collisionCount, actions: [...claimed, number] };
}

export function revisionHashOf({ metadata }: ControllerRevision): string {
  return metadata.labels?.[REVISION_HASH_LABEL] ?? '';
}

/**
 * The old revisions to forget: beyond `limit`, the lowest number first; never one that `isLive` says is in use.
 */
export function revisionsToDelete(
  old: readonly ControllerRevision[],
  limit: number | undefined,
  isLive: (revision: ControllerRevision) => boolean,
): readonly RevisionAction[] {
  const spare = old.filter((revision) => !isLive(revision) && !isGoing(revision));
  const surplus = Math.max(0, old.length - (limit ?? LIMIT_DEFAULT));
  return spare.slice(0, surplus).map((revision) => ({ do: 'delete-revision', revision }));
}

/** Source: apps/v1 defaults, revisionHistoryLimit. */
const LIMIT_DEFAULT = 10;

function isGoing({ metadata }: ControllerRevision): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function byNumber(a: ControllerRevision, b: ControllerRevision): number {
  const [ageA, ageB] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (a.revision !== b.revision) return a.revision - b.revision;
  if (ageA !== ageB) return ageA < ageB ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** A name that is taken belongs to a revision of other content: the next collision count gives another hash. */
function freeHash({ owner, template, isNameTaken, ...input }: HistoryInput): {
  readonly hash: string;
  readonly collisionCount: number | undefined;
} {
  let { collisionCount } = input;
  for (let tries = 0; tries < limits.hashCollisionsMax; tries += 1) {
    const hash = templateHash(template, collisionCount);
    if (!isNameTaken(`${owner.metadata.name}-${hash}`)) return { hash, collisionCount };
    collisionCount = (collisionCount ?? 0) + 1;
  }
  return { hash: templateHash(template, collisionCount), collisionCount };
}

function newRevision(
  owner: KubeObject,
  of: {
    readonly template: PodTemplateSpec;
    readonly data: JsonValue;
    readonly hash: string;
    readonly number: number;
  },
): ControllerRevision {
  const { [NOT_COPIED]: _applied, ...annotations } = owner.metadata.annotations ?? {};
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${owner.metadata.name}-${of.hash}`,
      namespace: owner.metadata.namespace,
      labels: { ...of.template.metadata?.labels, [REVISION_HASH_LABEL]: of.hash },
      ...(Object.keys(annotations).length > 0 && { annotations }),
      ownerReferences: [ownerReferenceTo(owner)],
    },
    data: of.data,
    revision: of.number,
  };
}

import { controllerOf, ownerReferenceTo } from '../../schema/owner.ts';
import type { OwnerReference, PersistentVolumeClaim, Pod, StatefulSet } from '../../schema/types.gen.ts';
import { claimNameOf, ordinalOf } from './identity.ts';
import { isGoing, type Members } from './members.ts';

/** A claim of an ordinal whose owners are not what the retention policy wants, and who they are to be. */
export type OwnClaim = {
  readonly do: 'own-claim';
  readonly claim: PersistentVolumeClaim;
  readonly owners: readonly OwnerReference[];
};
export type ClaimOf = (name: string) => PersistentVolumeClaim | undefined;

/**
 * Makes the claims of the pods that are there go with whom the policy says: with the StatefulSet (whenDeleted), with the pod of an
 * ordinal that is too many (whenScaled), or with nobody. Garbage collection does the rest. Source: upstream updateClaimOwnerRefForSetAndPod.
 */
export function ownClaims(
  statefulSet: StatefulSet,
  { wanted, condemned }: Members,
  claimOf: ClaimOf,
): readonly OwnClaim[] {
  const kept = wanted.flatMap(({ pod }) => (pod === null || isGoing(pod) ? [] : [pod]));
  return [
    ...kept.flatMap((pod) => claimsOfPod(statefulSet, { pod, condemned: false }, claimOf)),
    ...condemned.flatMap((pod) => claimsOfPod(statefulSet, { pod, condemned: true }, claimOf)),
  ];
}

/** Whether a claim of an ordinal is on its way out, or will be: it was its last pod's, and is not the next one's. */
export function isSpent({ metadata }: PersistentVolumeClaim): boolean {
  if (metadata.deletionTimestamp !== undefined) return true;
  const controller = controllerOf({ metadata });
  return controller?.kind === 'Pod' && controller.apiVersion === 'v1';
}

/** The claims that a pod of this ordinal has. */
export function claimsOfOrdinal(
  statefulSet: StatefulSet,
  ordinal: number,
  claimOf: ClaimOf,
): readonly PersistentVolumeClaim[] {
  return (statefulSet.spec.volumeClaimTemplates ?? []).flatMap(
    ({ metadata }) => claimOf(claimNameOf(statefulSet, metadata.name, ordinal)) ?? [],
  );
}

function claimsOfPod(
  statefulSet: StatefulSet,
  of: { readonly pod: Pod; readonly condemned: boolean },
  claimOf: ClaimOf,
): readonly OwnClaim[] {
  const ordinal = ordinalOf(statefulSet, of.pod);
  if (ordinal === null) return [];
  return claimsOfOrdinal(statefulSet, ordinal, claimOf).flatMap((claim): readonly OwnClaim[] => {
    const owners = ownersOf(statefulSet, of, claim);
    return owners === null ? [] : [{ do: 'own-claim', claim, owners }];
  });
}

/** null: they are right. One that somebody else controls is left to them. */
function ownersOf(
  statefulSet: StatefulSet,
  { pod, condemned }: { readonly pod: Pod; readonly condemned: boolean },
  claim: PersistentVolumeClaim,
): readonly OwnerReference[] | null {
  if (claim.metadata.deletionTimestamp !== undefined) return null;
  const { whenDeleted, whenScaled } = statefulSet.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const byPod = condemned && whenScaled === 'Delete';
  const bySet = whenDeleted === 'Delete' && !byPod;
  const ours = new Set([statefulSet.metadata.uid, pod.metadata.uid]);
  const before = claim.metadata.ownerReferences ?? [];
  const others = before.filter(({ uid }) => !ours.has(uid));
  const wanted = others.some(({ controller }) => controller === true)
    ? []
    : [...(bySet ? [statefulSet] : []), ...(byPod ? [pod] : [])].map(ownerOf);
  const has = before.filter(({ uid }) => ours.has(uid)).map(({ uid }) => uid);
  const same = has.length === wanted.length && wanted.every(({ uid }) => has.includes(uid));
  return same ? null : [...others, ...wanted];
}

/** What is read from a list does not always say what it is. */
function ownerOf(owner: StatefulSet | Pod): OwnerReference {
  const { apiVersion = 'v1', kind = 'Pod', metadata } = owner;
  return ownerReferenceTo({ apiVersion, kind, metadata });
}

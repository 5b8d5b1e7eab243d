import { CLAIM_PROTECTION, LOCAL_PROVISIONER } from '../../schema/local-volume.ts';
import { isFor, matchVolume } from '../../schema/match-volume.ts';
import { matchesNodeSelector } from '../../schema/node-affinity.ts';
import { compareQuantities, quantityOf } from '../../schema/quantity.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../schema/types.gen.ts';
import { newVolume } from './new-volume.ts';

export type ClaimStatus = NonNullable<PersistentVolumeClaim['status']>;

export type ClaimView = {
  readonly claim: PersistentVolumeClaim;
  readonly volumes: readonly PersistentVolume[];
  /** Of the claim's name; undefined: there is none. */
  readonly storageClass: StorageClass | undefined;
  /** Whether a pod that has not ended names the claim. */
  readonly inUse: boolean;
  /** The node that the scheduler chose for the claim's first pod; undefined: none, or it has gone since. */
  readonly selectedNode: Node | undefined;
};

/** What is told of a claim that waits. */
export type Wait = {
  readonly type: 'Normal' | 'Warning';
  readonly reason:
    | 'FailedBinding'
    | 'ProvisioningFailed'
    | 'WaitForFirstConsumer'
    | 'ClaimLost'
    | 'ClaimMisbound'
    | 'VolumeMismatch';
  readonly message: string;
};

/** One step; the next look sees what it made. */
export type ClaimDecision =
  | { readonly is: 'nothing' }
  /** Nobody uses it any more, and it is on its way out. */
  | { readonly is: 'release' }
  /** A volume of our own is made for it. */
  | { readonly is: 'provision'; readonly volume: PersistentVolume }
  /** The volume names the claim first, so that two claims can never have one volume; then the claim names the volume. */
  | { readonly is: 'take'; readonly volume: PersistentVolume }
  | { readonly is: 'name'; readonly volumeName: string }
  /** The volume gets the size that the claim asks for. */
  | { readonly is: 'grow'; readonly volume: PersistentVolume }
  | { readonly is: 'status'; readonly status: ClaimStatus; readonly wait?: Wait }
  | { readonly is: 'wait'; readonly wait: Wait };

/** What a claim needs next. Source: persistentvolume controller. */
export function decideClaim(view: ClaimView): ClaimDecision {
  const { claim, volumes, inUse } = view;
  if (claim.metadata.deletionTimestamp !== undefined) {
    const held = claim.metadata.finalizers?.includes(CLAIM_PROTECTION) === true;
    return held && !inUse ? { is: 'release' } : { is: 'nothing' };
  }
  const { volumeName } = claim.spec ?? {};
  const volume = volumes.find(({ metadata }) => metadata.name === volumeName);
  if (volumeName) return named(view, volume);
  const waits = waitFor(view);
  // What was made or set aside for it is its own, whatever its class waits for.
  const own = volumes.find((each) => isTakenBy(each, claim));
  if (own !== undefined) return { is: 'name', volumeName: own.metadata.name };
  if (waits?.reason === 'WaitForFirstConsumer') return pending(claim, waits);
  const { storageClass, selectedNode } = view;
  const isDelayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const match = matchVolume(
    claim,
    isDelayed ? volumes.filter((each) => isReached(each, selectedNode)) : volumes,
  );
  if (match !== undefined) return { is: 'take', volume: takenBy(match, claim) };
  if (waits !== null) return pending(claim, waits);
  return { is: 'provision', volume: newVolume(claim, storageClass) };
}

function isReached({ spec }: PersistentVolume, node: Node | undefined): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || (node !== undefined && matchesNodeSelector(required, node));
}

/** The claim names a volume: somebody wrote it, or we did. */
function named({ claim, storageClass }: ClaimView, volume: PersistentVolume | undefined): ClaimDecision {
  const { volumeName = '' } = claim.spec ?? {};
  const { phase = '' } = claim.status ?? {};
  const wasBound = phase === 'Bound' || phase === 'Lost';
  if (volume === undefined) {
    const why = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
    if (wasBound) return lost(claim, failed('ClaimLost', why));
    return pending(claim, failed('FailedBinding', `volume "${volumeName}" not found`));
  }
  if (!isTakenBy(volume, claim)) {
    const isAnothers = volume.spec.claimRef !== undefined && !isFor(volume, claim);
    if (isAnothers && wasBound)
      return lost(claim, failed('ClaimMisbound', 'The volume is bound to another claim by now'));
    if (wasBound) return { is: 'take', volume: takenBy(volume, claim) };
    if (isAnothers)
      return pending(
        claim,
        failed('FailedBinding', `volume "${volumeName}" already bound to a different claim.`),
      );
    if (volume.metadata.deletionTimestamp !== undefined)
      return pending(claim, failed('FailedBinding', `volume "${volumeName}" is being deleted`));
    if (matchVolume({ ...claim, spec: { ...claim.spec, selector: undefined } }, [volume]) === undefined)
      return pending(
        claim,
        failed(
          'VolumeMismatch',
          `Cannot bind to requested volume "${volumeName}": its size, class, access modes or volume mode do not fit`,
        ),
      );
    return { is: 'take', volume: takenBy(volume, claim) };
  }
  const grown = grownVolume(volume, claim, storageClass);
  if (grown !== null) return { is: 'grow', volume: grown };
  const status = boundStatus(volume);
  return isSame(claim.status, status) ? { is: 'nothing' } : { is: 'status', status };
}

/** What keeps a volume from being made; null: nothing does. */
function waitFor({ claim, storageClass, selectedNode }: ClaimView): Wait | null {
  const { storageClassName = '', volumeMode, selector } = claim.spec ?? {};
  if (storageClassName === '')
    return failed(
      'FailedBinding',
      'no persistent volumes available for this claim and no storage class is set',
    );
  if (storageClass === undefined)
    return failed('ProvisioningFailed', `storageclass.storage.k8s.io "${storageClassName}" not found`);
  if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && selectedNode === undefined)
    return {
      type: 'Normal',
      reason: 'WaitForFirstConsumer',
      message: 'waiting for first consumer to be created before binding',
    };
  const { provisioner } = storageClass;
  if (provisioner !== LOCAL_PROVISIONER)
    return failed(
      'ProvisioningFailed',
      `no volume fits, and nothing here provides volumes of "${provisioner}": the provisioner of this machine is "${LOCAL_PROVISIONER}"`,
    );
  if (selector !== undefined)
    return failed('ProvisioningFailed', 'claim.spec.selector is not supported for dynamic provisioning');
  if (volumeMode === 'Block')
    return failed('ProvisioningFailed', 'volumes of mode Block are not provided on this machine');
  return null;
}

function failed(reason: Wait['reason'], message: string): Wait {
  return { type: 'Warning', reason, message };
}

function pending(claim: PersistentVolumeClaim, wait: Wait): ClaimDecision {
  return claim.status?.phase === 'Pending'
    ? { is: 'wait', wait }
    : { is: 'status', status: { phase: 'Pending' }, wait };
}

function lost(claim: PersistentVolumeClaim, wait: Wait): ClaimDecision {
  return claim.status?.phase === 'Lost'
    ? { is: 'wait', wait }
    : { is: 'status', status: { phase: 'Lost' }, wait };
}

/** Whether the volume names this very claim. */
function isTakenBy({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  return metadata.uid !== undefined && spec.claimRef?.uid === metadata.uid;
}

function takenBy(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  return { ...volume, spec: { ...volume.spec, claimRef: referenceTo(claim) } };
}

export function referenceTo({ metadata }: PersistentVolumeClaim) {
  const { namespace, name, uid } = metadata;
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid };
}

/** The volume with the size its claim asks for; null where it has it, or its class lets none grow. */
function grownVolume(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
): PersistentVolume | null {
  if (volume.spec.csi?.driver !== LOCAL_PROVISIONER || storageClass?.allowVolumeExpansion !== true)
    return null;
  const request = claim.spec?.resources?.requests?.storage;
  const [wanted, size] = [quantityOf(request), quantityOf(volume.spec.capacity?.storage)];
  if (wanted === null || size === null || compareQuantities(wanted, size) <= 0) return null;
  return {
    ...volume,
    spec: { ...volume.spec, capacity: { ...volume.spec.capacity, storage: String(request) } },
  };
}

function boundStatus({ spec }: PersistentVolume): ClaimStatus {
  return {
    phase: 'Bound',
    ...(spec.accessModes && { accessModes: spec.accessModes }),
    ...(spec.capacity && { capacity: spec.capacity }),
  };
}

function isSame(status: ClaimStatus | undefined, wanted: ClaimStatus): boolean {
  return (
    status?.phase === wanted.phase &&
    String(status?.accessModes) === String(wanted.accessModes) &&
    status?.capacity?.storage === wanted.capacity?.storage
  );
}

import { CLAIM_PROTECTION, SELECTED_NODE } from '../../schema/local-volume.ts';
import type { ObjectRef } from '../../schema/object.ts';
import { isPodTerminal } from '../../schema/pod-conditions.ts';
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../../schema/types.gen.ts';
import { type Context, type Controller, done, type Result, watching } from '../harness/controller.ts';
import { keyOf } from '../harness/object-key.ts';
import { type ClaimDecision, decideClaim } from './decide.ts';

const CLAIM = { group: '', kind: 'PersistentVolumeClaim' } as const;
const VOLUME = { group: '', kind: 'PersistentVolume' } as const;
const NODE = { group: '', kind: 'Node' } as const;
const POD = { group: '', kind: 'Pod' } as const;
const CLASS = { group: 'storage.k8s.io', kind: 'StorageClass' } as const;

/** Gives every claim its volume: one that fits, or a new directory of this machine. */
export function persistentVolumeClaimController(): Controller {
  return {
    name: 'persistentvolume-binder',
    kind: CLAIM,
    watches: [
      watching<PersistentVolume>(VOLUME, ({ metadata, spec }, informers) => {
        const claims = informers.of<PersistentVolumeClaim>(CLAIM);
        const { claimRef } = spec;
        if (claimRef?.name !== undefined) return [`${claimRef.namespace ?? ''}/${claimRef.name}`];
        // A volume that is free may be what any claim without one waits for.
        return [...claims.objects.values()]
          .filter((claim) => !claim.spec?.volumeName || claim.spec.volumeName === metadata.name)
          .map(keyOf);
      }),
      watching<Pod>(POD, (pod) => claimsOf(pod).map((name) => `${pod.metadata.namespace ?? ''}/${name}`)),
      watching<StorageClass>(CLASS, ({ metadata }, informers) =>
        [...informers.of<PersistentVolumeClaim>(CLAIM).objects.values()]
          .filter(({ spec }) => spec?.storageClassName === metadata.name)
          .map(keyOf),
      ),
      // The node that a claim's first pod goes to may be told of later than the claim.
      watching<Node>(NODE, ({ metadata }, informers) =>
        [...informers.of<PersistentVolumeClaim>(CLAIM).objects.values()]
          .filter((claim) => !claim.spec?.volumeName && selectedNode(claim) === metadata.name)
          .map(keyOf),
      ),
    ],
    reconcile,
  };
}

/** '': none. */
function selectedNode({ metadata }: PersistentVolumeClaim): string {
  return metadata.annotations?.[SELECTED_NODE] ?? '';
}

function claimsOf({ spec }: Pod): readonly string[] {
  return spec.volumes?.flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []) ?? [];
}

async function reconcile(ref: ObjectRef, context: Context): Promise<Result> {
  const { informers, events } = context;
  const claim = informers.of<PersistentVolumeClaim>(CLAIM).get(ref);
  if (claim === undefined) return done;
  const className = claim.spec?.storageClassName ?? '';
  const decision = decideClaim({
    claim,
    selectedNode: informers.of<Node>(NODE).get({ namespace: '', name: selectedNode(claim) }),
    volumes: [...informers.of<PersistentVolume>(VOLUME).objects.values()],
    storageClass: informers.of<StorageClass>(CLASS).get({ ...CLASS, namespace: '', name: className }),
    inUse: informers
      .of<Pod>(POD)
      .inNamespace(ref.namespace)
      .some((pod) => !isPodTerminal(pod) && claimsOf(pod).includes(ref.name)),
  });
  if ('wait' in decision && decision.wait !== undefined) events.record(claim, decision.wait);
  await perform(decision, claim, context);
  return done;
}

async function perform(
  decision: ClaimDecision,
  claim: PersistentVolumeClaim,
  { client, caller, events }: Context,
): Promise<void> {
  switch (decision.is) {
    case 'nothing':
    case 'wait':
      return;
    case 'release': {
      const finalizers = claim.metadata.finalizers?.filter((name) => name !== CLAIM_PROTECTION) ?? [];
      await client.update({ ...claim, metadata: { ...claim.metadata, finalizers } }, caller);
      return;
    }
    case 'provision': {
      // CRASH: the volume names the claim, and the next look makes the claim name it.
      await client.create(decision.volume, caller);
      const message = `Successfully provisioned volume ${decision.volume.metadata.name}`;
      events.record(claim, { type: 'Normal', reason: 'ProvisioningSucceeded', message });
      return;
    }
    case 'take':
    case 'grow':
      await client.update(decision.volume, caller);
      return;
    case 'name':
      await client.update({ ...claim, spec: { ...claim.spec, volumeName: decision.volumeName } }, caller);
      return;
    case 'status':
      await client.update({ ...claim, status: decision.status }, caller, { subresource: 'status' });
      return;
  }
}

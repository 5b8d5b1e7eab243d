import type { NodeAgents } from '../../api/node-agent.ts';
import { VOLUME_PROTECTION } from '../../schema/local-volume.ts';
import { type ObjectRef, refOf } from '../../schema/object.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../schema/types.gen.ts';
import { type Context, type Controller, done, type Result, watching } from '../harness/controller.ts';
import { decideVolume } from './decide.ts';

const VOLUME = { group: '', kind: 'PersistentVolume' } as const;
const CLAIM = { group: '', kind: 'PersistentVolumeClaim' } as const;

/** Says of every volume whether it is free, and takes the data of one whose claim is gone where its policy says so. */
export function persistentVolumeController({ nodes }: { readonly nodes: NodeAgents }): Controller {
  return {
    name: 'persistentvolume-controller',
    kind: VOLUME,
    watches: [
      watching<PersistentVolumeClaim>(CLAIM, ({ spec }) => (spec?.volumeName ? [`/${spec.volumeName}`] : [])),
    ],
    reconcile: (ref, context) => reconcile(ref, context, nodes),
  };
}

async function reconcile(ref: ObjectRef, context: Context, nodes: NodeAgents): Promise<Result> {
  const { informers, client, caller } = context;
  const volume = informers.of<PersistentVolume>(VOLUME).get(ref);
  if (volume === undefined) return done;
  const { claimRef } = volume.spec;
  const claim =
    claimRef?.name &&
    informers
      .of<PersistentVolumeClaim>(CLAIM)
      .get({ ...CLAIM, namespace: claimRef.namespace ?? '', name: claimRef.name });
  const decision = decideVolume(volume, claim || undefined);
  switch (decision.is) {
    case 'nothing':
      return done;
    case 'release': {
      // CRASH: the volume is still held; removing what is gone already does nothing.
      const { handle } = decision;
      if (handle !== undefined) await removeData(nodes, handle);
      const finalizers = volume.metadata.finalizers?.filter((name) => name !== VOLUME_PROTECTION) ?? [];
      await client.update({ ...volume, metadata: { ...volume.metadata, finalizers } }, caller);
      return done;
    }
    case 'status':
      await client.update({ ...volume, status: decision.status }, caller, { subresource: 'status' });
      return done;
    case 'delete-data': {
      // CRASH: the volume is still there and Released; removing what is gone already does nothing.
      await removeData(nodes, decision.handle);
      const { uid = '' } = volume.metadata;
      await client.delete(refOf(volume), { preconditions: { uid } }, caller);
      return done;
    }
  }
}

async function removeData(nodes: NodeAgents, handle: string): Promise<void> {
  await Promise.all(nodes.all().map((node) => node.removeVolumeData(handle)));
}

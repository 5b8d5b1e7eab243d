import type { Operation } from '../../api/client.ts';
import { matchesLabelSelector } from '../../schema/label-selector.ts';
import { type KubeObject, refOf } from '../../schema/object.ts';
import { controllerOf } from '../../schema/owner.ts';
import type { LabelSelector, OwnerReference } from '../../schema/types.gen.ts';

/** What an owner has, should take and should let go. */
export type Claims<T> = {
  /** Its own, and they still match. */
  readonly owned: readonly T[];
  /** Nobody's, they match, and neither they nor the owner are going. */
  readonly adopt: readonly T[];
  /** Its own, but they no longer match. */
  readonly release: readonly T[];
};

/** Sorts objects by whose they are. One that is going is never adopted or released. Source: upstream ControllerRefManager. */
export function claim<T extends KubeObject>(
  owner: KubeObject,
  selector: LabelSelector,
  candidates: readonly T[],
): Claims<T> {
  const owned: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  const ownerGoing = owner.metadata.deletionTimestamp !== undefined;
  for (const object of candidates) {
    const controller = controllerOf(object);
    const matches = matchesLabelSelector(selector, object.metadata.labels);
    const going = object.metadata.deletionTimestamp !== undefined;
    if (controller !== undefined && controller.uid !== owner.metadata.uid) continue;
    if (controller !== undefined) {
      if (matches) owned.push(object);
      else if (!ownerGoing) release.push(object);
    } else if (matches && !ownerGoing && !going) adopt.push(object);
  }
  return { owned, adopt, release };
}

/** The owner takes an object: conflict when the object has changed since. */
export function adoption(object: KubeObject, reference: OwnerReference): Operation {
  return ownersPatch(object, [...(object.metadata.ownerReferences ?? []), reference]);
}

/** The owner lets an object go, which lives on. */
export function release(object: KubeObject, ownerUid: string): Operation {
  return ownersPatch(
    object,
    (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== ownerUid),
  );
}

function ownersPatch(object: KubeObject, ownerReferences: readonly OwnerReference[]): Operation {
  const { uid = '', resourceVersion = '' } = object.metadata;
  return {
    op: 'patch',
    ref: refOf(object),
    patch: {
      type: 'json',
      operations: [{ op: 'add', path: '/metadata/ownerReferences', value: ownerReferences }],
    },
    preconditions: { uid, resourceVersion },
  };
}

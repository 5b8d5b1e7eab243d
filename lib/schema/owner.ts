import { assert } from '../base/errors.ts';
import type { ObjectMeta, OwnerReference } from './types.gen.ts';

type Owned = { readonly metadata: ObjectMeta };
type Owner = Owned & { readonly apiVersion: string; readonly kind: string };

/** The reference of the one owner that manages the object; undefined when none does. */
export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** The reference a controller puts on what it makes. The owner has been stored: it has a uid. */
export function ownerReferenceTo(owner: Owner): OwnerReference {
  const { name, uid } = owner.metadata;
  assert(uid !== undefined, `an owner must have been stored: ${owner.kind} ${name}`);
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** By uid, controller or not: an object of the same name that was made anew is another owner. */
export function isOwnedBy(object: Owned, owner: Owned): boolean {
  const { uid } = owner.metadata;
  return (
    uid !== undefined &&
    (object.metadata.ownerReferences?.some((reference) => reference.uid === uid) ?? false)
  );
}

export function isControlledBy(object: Owned, owner: Owned): boolean {
  const { uid } = owner.metadata;
  return uid !== undefined && controllerOf(object)?.uid === uid;
}

import { assertNever } from '../base/errors.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Operation } from './client.ts';
import { createObject } from './create-object.ts';
import { deleteObject } from './delete-object.ts';
import { patchObject } from './patch-object.ts';
import { updateObject } from './update-object.ts';
import type { WriteContext } from './write-context.ts';

/** What the operation leaves; null when that is nothing. */
export function applyOperation(context: WriteContext, operation: Operation): KubeObject | null {
  switch (operation.op) {
    case 'create':
      return createObject(context, operation.object);
    case 'update':
      return updateObject(context, operation.object, operation.subresource);
    case 'patch':
      return patchObject(context, operation);
    case 'delete':
      return deleteObject(context, operation.ref, operation.options ?? {});
    default:
      return assertNever(operation);
  }
}

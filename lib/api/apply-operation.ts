import { assertNever } from '../base/errors.ts';
import type { KubeObject } from '../schema/object.ts';
import { ApiError } from './api-error.ts';
import type { Operation } from './client.ts';
import { createObject } from './create-object.ts';
import { deleteObject } from './delete-object.ts';
import { patchObject } from './patch-object.ts';
import { updateObject } from './update-object.ts';
import type { WriteContext } from './write-context.ts';

/** In order: later operations see what earlier ones left. What fails says which operation it was. */
export function applyOperations(
  context: WriteContext,
  operations: readonly Operation[],
): readonly (KubeObject | null)[] {
  return operations.map((operation, index) => {
    try {
      return applyOperation(context, operation);
    } catch (failure) {
      throw operations.length > 1 ? named(failure, index) : failure;
    }
  });
}

/** The same failure, saying which operation of the transaction it was. */
function named(failure: unknown, operationIndex: number): unknown {
  if (!(failure instanceof ApiError)) return failure;
  return new ApiError(failure.reason, failure.message, {
    causes: failure.causes,
    details: { ...failure.details, operationIndex },
  });
}

/** What the operation leaves; null when that is nothing. */
function applyOperation(context: WriteContext, operation: Operation): KubeObject | null {
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

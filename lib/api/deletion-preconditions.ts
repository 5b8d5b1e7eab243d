import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import { conflict } from './api-failures.ts';
import type { Preconditions } from './client.ts';

/** Conflict unless the object is still the one the caller means to delete. Source: apiserver's BeforeDelete. */
export function checkDeletion(kind: Kind, object: KubeObject, preconditions: Preconditions): void {
  const { uid, resourceVersion, name } = object.metadata;
  const rows = [
    { what: 'UID', asked: preconditions.uid, actual: uid, happened: 'deleted and then recreated' },
    {
      what: 'ResourceVersion',
      asked: preconditions.resourceVersion,
      actual: resourceVersion,
      happened: 'modified',
    },
  ];
  for (const { what, asked, actual, happened } of rows) {
    if (!asked || asked === actual) continue;
    throw conflict(
      kind,
      name,
      `the ${what} in the precondition (${asked}) does not match the ${what} in record (${actual}). The object might have been ${happened}`,
    );
  }
}

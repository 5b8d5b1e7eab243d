import { deepEqual, isArray, isObject, type JsonObject } from '../../base/json.ts';
import type { ImmutableFields } from './immutable-fields.ts';

const PATH = ['spec', 'ephemeralContainers'];

/**
 * Ephemeral containers are only ever added, and only through their subresource: one that was made stays as it is, or what
 * somebody looks at would change under them. Source: core/v1 validation.go ValidatePodEphemeralContainersUpdate.
 */
export function checkEphemeralContainers(fields: ImmutableFields, throughSubresource: boolean): void {
  if (!throughSubresource) {
    fields.keep(PATH, 'can only be added to, through the subresource ephemeralcontainers');
    return;
  }
  const after = listed(fields.becomes(PATH));
  for (const old of listed(fields.was(PATH))) {
    const at = after.findIndex(({ name }) => name === old.name);
    const kept = after[at];
    if (kept === undefined)
      fields.refuse(PATH, `must keep ${JSON.stringify(old.name)}: none can be taken away`);
    else if (!deepEqual(kept, old)) fields.refuse([...PATH, at], 'cannot be changed once it was added');
  }
}

function listed(value: unknown): readonly JsonObject[] {
  return isArray(value) ? value.filter(isObject) : [];
}

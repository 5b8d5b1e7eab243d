import { isArray, isObject, type JsonValue } from '../base/json.ts';
import type { JsonPatchOperation } from '../schema/json-patch-operation.ts';
import { parsePointer } from '../schema/json-pointer.ts';
import { type KubeObject, type ObjectRef, refKey } from '../schema/object.ts';

/**
 * Names what one operation heals, for counting: `<refKey>#<pointer>`. Of what stands in a list it is the outermost list: places in
 * it depend on the operations before, so those of one list are done together or not at all.
 */
export function healKey(ref: ObjectRef, live: KubeObject, { path }: JsonPatchOperation): string {
  let value: JsonValue | undefined = live as JsonValue;
  let pointer = '';
  for (const part of parsePointer(path) ?? []) {
    if (isArray(value)) break;
    value = isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
    pointer += `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
  return `${refKey(ref)}#${pointer}`;
}

import { type FieldPath, fieldPathText } from './finding.ts';
import { itemPlace, memberPlace, type Place, rootPlace } from './place.ts';
import type { Kind, Schema } from './schema.ts';

/**
 * A field as the API names it: like fieldPathText, with the keys of maps in brackets (`data[key]`, `limits[cpu]`), which only
 * the type of a field tells from its members.
 */
export function apiFieldText(schema: Schema, kind: Kind, path: FieldPath): string {
  let place: Place = rootPlace(kind.custom?.headType ?? kind.typeName);
  let text = '';
  for (const part of path) {
    const isKey = typeof part === 'string' && place.shape?.form === 'map';
    // A few fields that are none of the type's are told of by a key in brackets.
    const isWritten = typeof part === 'string' && part.startsWith('[');
    const next = isKey ? `[${part}]` : isWritten ? part : fieldPathText([part]);
    text += text === '' || next.startsWith('[') ? next : `.${next}`;
    place = typeof part === 'number' ? itemPlace(place) : memberPlace(schema, place, part);
  }
  return text;
}

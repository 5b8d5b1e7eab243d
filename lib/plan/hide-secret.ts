import { groupOf, type KubeObject } from '../schema/object.ts';
import type { FieldChange } from './field-changes.ts';

/**
 * A field of a Secret's data shows that it changes, never what it holds. Its annotations neither: tools keep copies of the whole
 * object there.
 */
export function hideSecret(object: KubeObject, field: FieldChange): FieldChange {
  const secret = object.kind === 'Secret' && groupOf(object.apiVersion) === '';
  if (!secret || !/^(data|stringData|metadata\.annotations)\b/.test(field.path)) return field;
  const hidden = (value: string | null): string | null => (value === null ? null : '(hidden)');
  return { path: field.path, from: hidden(field.from), to: hidden(field.to) };
}

import type { JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import type { FieldPath } from '../finding.ts';
import { nameWords } from '../name-wording.ts';
import { checkAnnotationKey, checkLabelKey, checkLabelValue } from '../names.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { ObjectMeta } from '../types.gen.ts';
import { invalidValue, tooLong } from '../wording.ts';

/** Source: apimachinery apis/meta/v1/validation, api/validation ValidateAnnotations. */
export const objectLabels: Rule = {
  on: typeNamed('meta/v1.ObjectMeta'),
  check({ labels = {}, annotations = {}, ownerReferences = [] }: Sound<ObjectMeta>, at) {
    checkLabels(at, labels, ['labels']);
    let bytes = 0;
    for (const [key, text] of Object.entries(annotations)) {
      for (const wrong of checkAnnotationKey(key))
        at.error('invalid-annotation', ['annotations', key], `has a bad key: ${wrong}`, {
          wording: invalidValue(key, nameWords(wrong)),
          apiPath: ['annotations'],
        });
      bytes += Buffer.byteLength(key) + Buffer.byteLength(text ?? '');
    }
    if (bytes > limits.annotationsBytesMax)
      at.error(
        'too-large',
        ['annotations'],
        `hold ${bytes} bytes; at most ${limits.annotationsBytesMax} are allowed`,
        { wording: tooLong(limits.annotationsBytesMax) },
      );
    const [first, second] = ownerReferences.filter(({ controller }) => controller === true);
    if (second !== undefined)
      at.error('conflicting-fields', ['ownerReferences'], 'may name only one controller', {
        wording: invalidValue(
          ownerReferences as JsonValue,
          `Only one reference can have Controller set to true. Found "true" in references for ${first?.kind}/${first?.name} and ${second.kind}/${second.name}`,
        ),
      });
  },
};

/** Keys and values of a map of labels. */
export function checkLabels(
  at: At,
  labels: Readonly<Record<string, string | undefined>>,
  path: FieldPath,
): void {
  for (const [key, value] of Object.entries(labels)) {
    for (const wrong of checkLabelKey(key))
      at.error('invalid-label', [...path, key], `has a bad key: ${wrong}`, {
        wording: invalidValue(key, nameWords(wrong)),
        apiPath: path,
      });
    for (const wrong of checkLabelValue(value ?? ''))
      at.error('invalid-label', [...path, key], wrong, {
        wording: invalidValue(value, nameWords(wrong)),
        apiPath: path,
      });
  }
}

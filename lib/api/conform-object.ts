import { checkRules } from '../schema/check-rules.ts';
import { checkShape } from '../schema/check-shape.ts';
import { checkUpdate } from '../schema/check-update.ts';
import { convertToStored } from '../schema/conversion.ts';
import { applyDefaults } from '../schema/defaults.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Schema } from '../schema/schema.ts';
import { ApiError } from './api-error.ts';
import { refuseErrors } from './api-failures.ts';

/** The object in the stored version, of the right shape. Throws Invalid with every error found. */
export function readObject(schema: Schema, kind: Kind, given: KubeObject): KubeObject {
  const { object, findings } = convertToStored(schema, given);
  if (object === undefined) {
    throw new ApiError('BadRequest', findings.map((finding) => finding.message).join(' '));
  }
  const name = object.metadata.name ?? object.metadata.generateName ?? '';
  refuseErrors(kind, name, [...findings, ...checkShape(schema, object)]);
  return object;
}

/** A copy with every default of its kind. The object has been read. */
export function withDefaults(schema: Schema, object: KubeObject): KubeObject {
  return applyDefaults(schema, object);
}

/** Throws Invalid with everything Kubernetes would refuse of the object beyond its shape, or of its change. */
export function checkObject(
  schema: Schema,
  kind: Kind,
  { object, previous }: { readonly object: KubeObject; readonly previous: KubeObject | undefined },
): void {
  const changes = previous === undefined ? [] : checkUpdate(schema, { old: previous, new: object });
  refuseErrors(kind, object.metadata.name, [...checkRules(schema, object), ...changes]);
}

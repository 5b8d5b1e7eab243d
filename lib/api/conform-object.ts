import { checkShape } from '../schema/check-shape.ts';
import { apiVersionOf, type KubeObject } from '../schema/object.ts';
import type { Kind, Schema } from '../schema/schema.ts';
import { ApiError } from './api-error.ts';
import { refuseErrors } from './api-failures.ts';

/** What the schema makes of an object on its way in: the stored version, with defaults, found valid. */
export const conform = {
  /** In the stored version. BadRequest when it cannot be converted. */
  read(_schema: Schema, kind: Kind, object: KubeObject): KubeObject {
    const stored = apiVersionOf(kind.group, kind.version);
    if (object.apiVersion === stored) return object;
    throw new ApiError(
      'BadRequest',
      `${kind.kind} in ${object.apiVersion} is not converted: write ${stored}`,
    );
  },
  /** Throws Invalid with every error found. */
  check(schema: Schema, kind: Kind, object: KubeObject): void {
    refuseErrors(kind, object.metadata.name, checkShape(schema, object));
  },
} as const;

import type { KubeObject } from '../../schema/object.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { invalid } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';

/** No pod begins with an ephemeral container: they are added to one that is there. Source: core/v1 ValidatePodCreate. */
export function admitEphemeralContainers(_context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (kind.group !== '' || kind.kind !== 'Pod' || previous !== undefined) return object;
  if (((object as Pod).spec?.ephemeralContainers ?? []).length === 0) return object;
  const message = 'cannot be set on create; kubectl debug adds one to a pod that is there';
  throw invalid(kind, object.metadata.name, [
    { reason: 'FieldValueForbidden', message, field: 'spec.ephemeralContainers' },
  ]);
}

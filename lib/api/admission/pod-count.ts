import { limits } from '../../base/limits.ts';
import type { KubeObject } from '../../schema/object.ts';
import { forbidden } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';

/** No more pods than memory has room for, whoever makes them: one line of a manifest can ask for a thousand million. */
export function admitPodCount(context: WriteContext, { kind, object, previous }: Admission): KubeObject {
  if (kind.group !== '' || kind.kind !== 'Pod' || previous !== undefined) return object;
  if (context.pods + context.staging.added(kind) < limits.apiPodsMax) return object;
  throw forbidden(kind, object.metadata.name, `there are ${limits.apiPodsMax} pods, and no room for more`);
}

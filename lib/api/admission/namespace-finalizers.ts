import { isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Namespace } from '../../schema/types.gen.ts';
import type { Admission, WriteContext } from '../write-context.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** The API's own part of a namespace: what holds it until its content is gone, and the label with its name. */
export function admitNamespaceFinalizers(_context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (kind.group !== '' || kind.kind !== 'Namespace' || previous === undefined) return object;
  const before = (previous as Namespace).spec.finalizers ?? [];
  const given = (object as Namespace).spec?.finalizers ?? [];
  // Only a namespace on its way out can be let go of, and nothing new can hold it.
  const finalizers =
    previous.metadata.deletionTimestamp === undefined
      ? before
      : before.filter((finalizer) => given.includes(finalizer));
  const { name, labels } = object.metadata;
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...labels, [NAME_LABEL]: name } },
    spec: { ...(isObject(object.spec) ? object.spec : {}), finalizers },
  };
}

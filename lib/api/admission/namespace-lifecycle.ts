import { isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { forbidden, notFound } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';

/** Nothing new in a namespace that is not there, or is on its way out. Source: NamespaceLifecycle admission. */
export function admitNamespaceLifecycle(context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (!kind.namespaced || previous !== undefined) return object;
  const name = object.metadata.namespace ?? '';
  const namespaces = context.schema.kind({ group: '', kind: 'Namespace' });
  if (namespaces === undefined) return object;
  const namespace = context.staging.get(namespaces, { namespace: '', name });
  if (namespace === undefined) throw notFound(namespaces, name);
  const phase = isObject(namespace.status) ? namespace.status.phase : undefined;
  if (namespace.metadata.deletionTimestamp === undefined && phase !== 'Terminating') return object;
  throw forbidden(
    kind,
    object.metadata.name,
    `unable to create new content in namespace ${name} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${name} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  );
}

import { isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { forbidden } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';

/** A pod runs as a service account of its namespace: `default` unless it names one. Source: ServiceAccount admission. */
export function admitServiceAccount(context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (kind.group !== '' || kind.kind !== 'Pod' || previous !== undefined || !isObject(object.spec)) {
    return object;
  }
  const given = object.spec.serviceAccountName || object.spec.serviceAccount || 'default';
  const name = typeof given === 'string' ? given : '';
  const accounts = context.schema.kind({ group: '', kind: 'ServiceAccount' });
  const namespace = object.metadata.namespace ?? '';
  if (accounts !== undefined && context.staging.get(accounts, { namespace, name }) === undefined) {
    throw forbidden(
      kind,
      object.metadata.name,
      `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
    );
  }
  return { ...object, spec: { ...object.spec, serviceAccountName: name, serviceAccount: name } };
}

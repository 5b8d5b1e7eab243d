import { isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { podQos } from '../../schema/qos.ts';
import type { Pod } from '../../schema/types.gen.ts';
import type { Admission, WriteContext } from '../write-context.ts';

/** A new pod's class of service, from its requests and limits after defaulting. */
export function admitQosClass(_context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (kind.group !== '' || kind.kind !== 'Pod' || previous !== undefined) return object;
  const status = isObject(object.status) ? object.status : {};
  return { ...object, status: { ...status, qosClass: podQos(object as Pod) } };
}

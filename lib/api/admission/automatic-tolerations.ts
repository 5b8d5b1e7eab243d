import { isObject } from '../../base/json.ts';
import { automaticTolerations } from '../../schema/node-loss.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Pod } from '../../schema/types.gen.ts';
import type { Admission, WriteContext } from '../write-context.ts';

/** Every pod bears the loss of its node for five minutes unless it says otherwise. Source: DefaultTolerationSeconds admission. */
export function admitAutomaticTolerations(_context: WriteContext, { kind, object }: Admission): KubeObject {
  if (kind.group !== '' || kind.kind !== 'Pod' || !isObject(object.spec)) return object;
  const { tolerations } = (object as KubeObject & Pod).spec;
  const added = automaticTolerations(tolerations);
  if (added.length === 0) return object;
  return {
    ...object,
    spec: { ...object.spec, tolerations: [...(tolerations ?? []), ...added] },
  } as KubeObject;
}

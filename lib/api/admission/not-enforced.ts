import { isObject } from '../../base/json.ts';
import { conditionOf, setCondition } from '../../schema/conditions.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Condition } from '../../schema/types.gen.ts';
import { ENFORCED_CONDITION } from '../own-conditions.ts';
import type { Admission, WriteContext } from '../write-context.ts';

/**
 * What is accepted and not enforced says so itself, where it has conditions: whoever looks at it later has not seen the warning of its
 * writing. NetworkPolicies, webhooks and the other policies have no status to say it in.
 */
export function admitNotEnforced(context: WriteContext, { kind, object }: Admission): KubeObject {
  if (kind.group !== 'admissionregistration.k8s.io' || kind.kind !== 'ValidatingAdmissionPolicy')
    return object;
  const status = isObject(object.status) ? object.status : {};
  const before = status.conditions as readonly Condition[] | undefined;
  if (conditionOf(before, ENFORCED_CONDITION)?.status === 'False') return object;
  const says = {
    type: ENFORCED_CONDITION,
    status: 'False',
    reason: 'NotEnforced',
    message: 'Expressions in CEL are not evaluated.',
    lastTransitionTime: '',
  };
  return { ...object, status: { ...status, conditions: setCondition<Condition>(before, says, context.now) } };
}

import { isObject, type JsonObject } from '../../base/json.ts';
import { orElse, UNSET } from './cell-text.ts';
import { AGE, type Column, type ColumnsByKind, CREATED_AT, integer, NAME, text } from './column.ts';
import { countAt, memberAt, numberAt, textAt } from './member-at.ts';

const webhooks: readonly Column[] = [NAME, integer('Webhooks', (object) => countAt(object, 'webhooks')), AGE];

function paramKind(policy: JsonObject): string {
  const kind = memberAt(policy, 'spec', 'paramKind');
  return isObject(kind) ? `${textAt(kind, 'apiVersion')}/${textAt(kind, 'kind')}` : UNSET;
}

function paramRef(binding: JsonObject): string {
  const ref = memberAt(binding, 'spec', 'paramRef');
  if (!isObject(ref)) return UNSET;
  const namespace = textAt(ref, 'namespace');
  return `${namespace === '' ? '' : `${namespace}/`}${textAt(ref, 'name') || '*'}`;
}

const policyBinding: readonly Column[] = [
  NAME,
  text('PolicyName', (object) => textAt(object, 'spec', 'policyName')),
  text('ParamRef', paramRef),
  AGE,
];

export const clusterColumns: ColumnsByKind = {
  'coordination.k8s.io/Lease': [
    NAME,
    text('Holder', (object) => textAt(object, 'spec', 'holderIdentity')),
    AGE,
  ],
  'scheduling.k8s.io/PriorityClass': [
    NAME,
    integer('Value', (object) => numberAt(object, 'value')),
    {
      name: 'Global-Default',
      type: 'boolean',
      priority: 0,
      cell: (object) => memberAt(object, 'globalDefault') === true,
    },
    AGE,
    text('PreemptionPolicy', orElse('PreemptLowerPriority', 'preemptionPolicy')),
  ],
  'node.k8s.io/RuntimeClass': [NAME, text('Handler', (object) => textAt(object, 'handler')), AGE],
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': [
    NAME,
    integer('Validations', (object) => countAt(object, 'spec', 'validations')),
    text('ParamKind', paramKind),
    AGE,
  ],
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': [
    NAME,
    integer('Mutations', (object) => countAt(object, 'spec', 'mutations')),
    text('ParamKind', paramKind),
    AGE,
  ],
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': policyBinding,
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding': policyBinding,
  'apiextensions.k8s.io/CustomResourceDefinition': [NAME, CREATED_AT],
};

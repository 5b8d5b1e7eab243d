import { type Rule, typeNamed } from '../rule.ts';

const POLICY = 'expressions in CEL are not evaluated';
const WEBHOOK = 'webhooks are not called';

/** Kinds that promise something, and have nobody here who does it. Accepted, so that the same repository serves a cluster. */
const KINDS: readonly (readonly [type: string, field: string, why: string])[] = [
  ['networking/v1.NetworkPolicy', 'spec', 'connections between pods are not filtered'],
  ['networking/v1.Ingress', 'spec', 'nothing routes requests by it'],
  ['admissionregistration/v1.ValidatingAdmissionPolicy', 'spec', POLICY],
  ['admissionregistration/v1.ValidatingAdmissionPolicyBinding', 'spec', POLICY],
  ['admissionregistration/v1.MutatingAdmissionPolicy', 'spec', POLICY],
  ['admissionregistration/v1.MutatingAdmissionPolicyBinding', 'spec', POLICY],
  ['admissionregistration/v1.ValidatingWebhookConfiguration', 'webhooks', WEBHOOK],
  ['admissionregistration/v1.MutatingWebhookConfiguration', 'webhooks', WEBHOOK],
];

/** There is no audit log that could have it. */
const AUDIT = 'pod-security.kubernetes.io/audit';

const namespaces: Rule = {
  on: typeNamed('core/v1.Namespace'),
  check(_value, at) {
    if (at.object.metadata?.labels?.[AUDIT] === undefined) return;
    at.warning(
      'not-enforced',
      ['metadata', 'labels', AUDIT],
      'is kept, and has no effect: there is no audit log',
    );
  },
};

export const notEnforced: readonly Rule[] = [
  ...KINDS.map(
    ([type, field, why]): Rule => ({
      on: typeNamed(type),
      check(_value, at) {
        at.warning('not-enforced', [field], `is kept, and has no effect: ${why}`);
      },
    }),
  ),
  namespaces,
];

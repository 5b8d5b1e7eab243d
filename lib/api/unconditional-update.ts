import type { Kind } from '../schema/schema.ts';
import { invalid } from './api-failures.ts';

/** Source: AllowUnconditionalUpdate of each kind's strategy; of custom resources it is false too. */
const CONDITIONAL: ReadonlySet<string> = new Set([
  'policy/PodDisruptionBudget',
  'coordination.k8s.io/Lease',
  'node.k8s.io/RuntimeClass',
  'storage.k8s.io/CSIDriver',
  'storage.k8s.io/CSINode',
  'storage.k8s.io/CSIStorageCapacity',
  'storage.k8s.io/VolumeAttachment',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
]);

/** Invalid: objects of this kind are replaced only by who names the resourceVersion that was read. */
export function refuseUnconditional(kind: Kind, name: string): void {
  if (kind.custom === undefined && !CONDITIONAL.has(`${kind.group}/${kind.kind}`)) return;
  throw invalid(kind, name, [
    {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0: must be specified for an update',
      field: 'metadata.resourceVersion',
    },
  ]);
}

import { type DraftObject, draftAt, draftItems, isAbsent, isDraftObject } from '../draft.ts';
import type { Conversion, ConversionNotes, ConversionTable } from './conversion-step.ts';

/** Versions whose fields are those of the stored one. */
function unchanged(
  group: string,
  removedIn: string,
  versions: readonly string[],
  kinds: readonly string[],
): ConversionTable {
  return Object.fromEntries(
    versions.flatMap((version) =>
      kinds.map((kind): [string, Conversion] => [`${group}/${version}/${kind}`, { removedIn }]),
    ),
  );
}

/** Webhooks failed open, matched exactly and waited longer, before v1. */
function webhooks(draft: DraftObject, notes: ConversionNotes): void {
  draftItems(draft.webhooks).forEach((webhook, at) => {
    const older = {
      failurePolicy: 'Ignore',
      matchPolicy: 'Exact',
      sideEffects: 'Unknown',
      timeoutSeconds: 30,
      admissionReviewVersions: ['v1beta1'],
    };
    for (const [name, value] of Object.entries(older)) {
      if (!isAbsent(webhook[name])) continue;
      webhook[name] = value;
      notes.toWrite.push(`webhooks[${at}].${name}: ${JSON.stringify(value)}`);
    }
  });
}

/** What was said once for all versions of a custom resource is said for each, since v1. */
function customResource(draft: DraftObject, notes: ConversionNotes): void {
  const spec = draftAt(draft, 'spec');
  if (spec === undefined) return;
  const { version, validation, subresources, additionalPrinterColumns: columns } = spec;
  delete spec.version;
  delete spec.validation;
  delete spec.subresources;
  delete spec.additionalPrinterColumns;
  if (isAbsent(spec.versions)) spec.versions = [{ name: version ?? 'v1', served: true, storage: true }];
  for (const row of draftItems(spec.versions)) {
    if (isAbsent(row.schema)) {
      const open = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
      row.schema = isDraftObject(validation) ? validation : open;
    }
    if (isAbsent(row.subresources) && !isAbsent(subresources)) row.subresources = subresources;
    if (isAbsent(row.additionalPrinterColumns) && !isAbsent(columns)) row.additionalPrinterColumns = columns;
    for (const column of draftItems(row.additionalPrinterColumns)) {
      if (isAbsent(column.JSONPath)) continue;
      column.jsonPath = column.JSONPath;
      delete column.JSONPath;
    }
  }
  if (isAbsent(spec.scope)) spec.scope = 'Namespaced';
  notes.toWrite.push(`spec.versions: ${JSON.stringify(spec.versions).slice(0, 400)}`);
}

const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';

export const clusterConversions: ConversionTable = {
  ...unchanged(
    'rbac.authorization.k8s.io',
    '1.22',
    ['v1beta1', 'v1alpha1'],
    ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  ),
  ...unchanged('scheduling.k8s.io', '1.22', ['v1beta1', 'v1alpha1'], ['PriorityClass']),
  ...unchanged('coordination.k8s.io', '1.22', ['v1beta1'], ['Lease']),
  ...unchanged(
    'storage.k8s.io',
    '1.22',
    ['v1beta1'],
    ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'],
  ),
  ...unchanged('storage.k8s.io', '1.27', ['v1beta1'], ['CSIStorageCapacity']),
  ...unchanged('node.k8s.io', '1.25', ['v1beta1'], ['RuntimeClass']),
  ...unchanged(
    'admissionregistration.k8s.io',
    '1.34',
    ['v1beta1'],
    ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
  ),
  'node.k8s.io/v1alpha1/RuntimeClass': {
    removedIn: '1.24',
    convert(draft) {
      const spec = draftAt(draft, 'spec');
      if (spec === undefined) return;
      if (!isAbsent(spec.runtimeHandler)) draft.handler = spec.runtimeHandler;
      if (!isAbsent(spec.overhead)) draft.overhead = spec.overhead;
      if (!isAbsent(spec.scheduling)) draft.scheduling = spec.scheduling;
      delete draft.spec;
    },
  },
  'certificates.k8s.io/v1beta1/CertificateSigningRequest': {
    removedIn: '1.22',
    convert(draft, notes) {
      notes.fill(draft, ['spec', 'signerName'], LEGACY_SIGNER);
      notes.fill(draft, ['spec', 'usages'], ['digital signature', 'key encipherment']);
    },
  },
  'admissionregistration.k8s.io/v1beta1/MutatingWebhookConfiguration': {
    removedIn: '1.22',
    convert: webhooks,
  },
  'admissionregistration.k8s.io/v1beta1/ValidatingWebhookConfiguration': {
    removedIn: '1.22',
    convert: webhooks,
  },
  'apiextensions.k8s.io/v1beta1/CustomResourceDefinition': { removedIn: '1.22', convert: customResource },
};

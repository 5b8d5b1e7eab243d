/** Kinds whose objects the program reads by no field of its own: their defaults work on plain JSON. */
import { type DraftObject, type DraftValue, draftAt, draftItems } from '../draft.ts';

function fill(draft: DraftObject | undefined, values: Readonly<Record<string, DraftValue>>): void {
  if (draft === undefined) return;
  for (const [name, value] of Object.entries(values)) draft[name] ??= structuredClone(value);
}

const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Source: rbac/v1 defaults.go. */
export function defaultRoleBinding(binding: DraftObject): void {
  fill(draftAt(binding, 'roleRef'), { apiGroup: RBAC_GROUP });
  for (const subject of draftItems(binding.subjects))
    if (subject.kind === 'User' || subject.kind === 'Group') fill(subject, { apiGroup: RBAC_GROUP });
}

/** Source: networking/v1 defaults.go. */
export function defaultNetworkPolicy(policy: DraftObject): void {
  const spec = draftAt(policy, 'spec');
  if (spec === undefined) return;
  const egress = Array.isArray(spec.egress) && spec.egress.length > 0;
  spec.policyTypes ??= egress ? ['Ingress', 'Egress'] : ['Ingress'];
  for (const rule of [...draftItems(spec.ingress), ...draftItems(spec.egress)])
    for (const port of draftItems(rule.ports)) fill(port, { protocol: 'TCP' });
}

export function defaultIngressClass(ingressClass: DraftObject): void {
  fill(draftAt(ingressClass, 'spec', 'parameters'), { scope: 'Cluster' });
}

/** Source: core/v1 defaults.go SetDefaults_LimitRangeItem. */
export function defaultLimitRange(range: DraftObject): void {
  for (const item of draftItems(draftAt(range, 'spec')?.limits)) {
    if (item.type !== 'Container') continue;
    const { max, min } = item;
    if (max !== undefined) item.default = { ...draftAt(item, 'max'), ...draftAt(item, 'default') };
    const requests = { ...(min !== undefined && draftAt(item, 'min')), ...draftAt(item, 'default') };
    if (Object.keys(requests).length > 0)
      item.defaultRequest = { ...requests, ...draftAt(item, 'defaultRequest') };
  }
}

export function defaultPersistentVolume(volume: DraftObject): void {
  fill(draftAt(volume, 'spec'), { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' });
  fill(draftAt(volume, 'spec', 'hostPath'), { type: '' });
}

/** Sources: storage/v1 and scheduling/v1 defaults.go. */
export function defaultStorageClass(storageClass: DraftObject): void {
  fill(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
}

export function defaultCsiDriver(driver: DraftObject): void {
  fill(draftAt(driver, 'spec'), {
    attachRequired: true,
    podInfoOnMount: false,
    storageCapacity: false,
    volumeLifecycleModes: ['Persistent'],
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    requiresRepublish: false,
    seLinuxMount: false,
  });
}

export function defaultPriorityClass(priorityClass: DraftObject): void {
  fill(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' });
}

/** Source: admissionregistration/v1 defaults.go. */
export function defaultWebhooks(configuration: DraftObject): void {
  for (const webhook of draftItems(configuration.webhooks)) {
    fill(webhook, {
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
    });
    if (configuration.kind === 'MutatingWebhookConfiguration') fill(webhook, { reinvocationPolicy: 'Never' });
    for (const rule of draftItems(webhook.rules)) fill(rule, { scope: '*' });
    fill(draftAt(webhook, 'clientConfig', 'service'), { port: 443 });
  }
}

export function defaultAdmissionPolicy(policy: DraftObject): void {
  fill(draftAt(policy, 'spec'), { failurePolicy: 'Fail' });
  const constraints = draftAt(policy, 'spec', 'matchConstraints');
  fill(constraints, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} });
  for (const list of [constraints?.resourceRules, constraints?.excludeResourceRules])
    for (const rule of draftItems(list)) fill(rule, { scope: '*' });
}

/** Source: apiextensions/v1 defaults.go. */
export function defaultCustomResource(definition: DraftObject): void {
  const names = draftAt(definition, 'spec', 'names');
  if (typeof names?.kind === 'string')
    fill(names, { singular: names.kind.toLowerCase(), listKind: `${names.kind}List` });
  fill(draftAt(definition, 'spec'), { conversion: { strategy: 'None' } });
}

import type { ReferenceUse } from './references.ts';

/** One way in which a kind names another object. */
export type ReferenceRow = {
  /** From the root of the object, or of the pod spec: see fieldPattern. */
  readonly at: string;
  /** `group/Kind` of what is named. */
  readonly to: string;
  readonly use: ReferenceUse;
  /** The field that holds the name, below `at`; unset: `at` is the name itself. */
  readonly name?: string;
  /** The field that holds the namespace, when it may be another than the object's own. */
  readonly namespace?: string;
  /** The key of a ConfigMap or Secret that must be there: one field, or one in every item of a list. */
  readonly key?: string;
  /** The reference never has to be resolvable (as against `optional: true`, which every row honours). */
  readonly optional?: boolean;
  /** Only orders; does not make one component of both. */
  readonly ordersOnly?: boolean;
};

const container = (of: string): readonly ReferenceRow[] => [
  { at: `${of}[].env[].valueFrom.configMapKeyRef`, to: '/ConfigMap', use: 'env', name: 'name', key: 'key' },
  { at: `${of}[].env[].valueFrom.secretKeyRef`, to: '/Secret', use: 'env', name: 'name', key: 'key' },
  { at: `${of}[].envFrom[].configMapRef`, to: '/ConfigMap', use: 'env', name: 'name' },
  { at: `${of}[].envFrom[].secretRef`, to: '/Secret', use: 'env', name: 'name' },
];

/** Below a pod spec. */
export const podRows: readonly ReferenceRow[] = [
  ...container('containers'),
  ...container('initContainers'),
  { at: 'volumes[].configMap', to: '/ConfigMap', use: 'volume', name: 'name', key: 'items[].key' },
  { at: 'volumes[].secret', to: '/Secret', use: 'volume', name: 'secretName', key: 'items[].key' },
  {
    at: 'volumes[].projected.sources[].configMap',
    to: '/ConfigMap',
    use: 'volume',
    name: 'name',
    key: 'items[].key',
  },
  {
    at: 'volumes[].projected.sources[].secret',
    to: '/Secret',
    use: 'volume',
    name: 'name',
    key: 'items[].key',
  },
  { at: 'volumes[].persistentVolumeClaim', to: '/PersistentVolumeClaim', use: 'claim', name: 'claimName' },
  { at: 'imagePullSecrets[]', to: '/Secret', use: 'image-pull', name: 'name' },
  { at: 'serviceAccountName', to: '/ServiceAccount', use: 'service-account' },
  { at: 'priorityClassName', to: 'scheduling.k8s.io/PriorityClass', use: 'class', ordersOnly: true },
  { at: 'runtimeClassName', to: 'node.k8s.io/RuntimeClass', use: 'class', ordersOnly: true },
];

const rbac: readonly ReferenceRow[] = [
  { at: 'roleRef', to: '', use: 'role', name: 'name', ordersOnly: true },
];
const webhooks: readonly ReferenceRow[] = [
  {
    at: 'webhooks[].clientConfig.service',
    to: '/Service',
    use: 'backend',
    name: 'name',
    namespace: 'namespace',
    ordersOnly: true,
  },
];

/** By `group/Kind`, from the root of the object. An empty `to` is read from the reference's own kind field. */
export const kindRows: Readonly<Record<string, readonly ReferenceRow[]>> = {
  'networking.k8s.io/Ingress': [
    { at: 'spec.defaultBackend.service', to: '/Service', use: 'backend', name: 'name' },
    { at: 'spec.rules[].http.paths[].backend.service', to: '/Service', use: 'backend', name: 'name' },
    // A controller or cert-manager often makes it: missing is usual.
    { at: 'spec.tls[].secretName', to: '/Secret', use: 'tls', optional: true },
    { at: 'spec.ingressClassName', to: 'networking.k8s.io/IngressClass', use: 'class', ordersOnly: true },
  ],
  'apps/StatefulSet': [
    { at: 'spec.serviceName', to: '/Service', use: 'headless-service' },
    {
      at: 'spec.volumeClaimTemplates[].spec.storageClassName',
      to: 'storage.k8s.io/StorageClass',
      use: 'class',
      ordersOnly: true,
    },
  ],
  'autoscaling/HorizontalPodAutoscaler': [
    { at: 'spec.scaleTargetRef', to: '', use: 'scale-target', name: 'name' },
  ],
  'rbac.authorization.k8s.io/RoleBinding': rbac,
  'rbac.authorization.k8s.io/ClusterRoleBinding': rbac,
  '/PersistentVolumeClaim': [
    { at: 'spec.storageClassName', to: 'storage.k8s.io/StorageClass', use: 'class', ordersOnly: true },
    { at: 'spec.volumeName', to: '/PersistentVolume', use: 'claim' },
  ],
  '/PersistentVolume': [
    {
      at: 'spec.storageClassName',
      to: 'storage.k8s.io/StorageClass',
      use: 'class',
      ordersOnly: true,
      optional: true,
    },
  ],
  '/ServiceAccount': [
    { at: 'secrets[]', to: '/Secret', use: 'service-account', name: 'name' },
    { at: 'imagePullSecrets[]', to: '/Secret', use: 'image-pull', name: 'name' },
  ],
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhooks,
};

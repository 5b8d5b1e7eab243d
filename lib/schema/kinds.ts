import type { KindRef } from './object.ts';
import type { Kind, Subresource } from './schema.ts';

type Row = {
  readonly kind: string;
  readonly plural: string;
  /** The part of the type's full name before the kind, when the group's own does not fit. */
  readonly typePackage?: string;
  readonly version?: string;
  /** Other versions of the same group that are read. */
  readonly also?: readonly string[];
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly clusterScoped?: boolean;
  readonly subresources?: readonly Subresource[];
  readonly runs?: boolean;
  readonly internal?: boolean;
};

const STATUS: readonly Subresource[] = ['status'];
const STATUS_AND_SCALE: readonly Subresource[] = ['status', 'scale'];
const ALL = ['all'];
const API_EXTENSIONS = ['api-extensions'];
const clusterScoped = true;
const runs = true;

const core: readonly Row[] = [
  { kind: 'Binding', plural: 'bindings' },
  { kind: 'ComponentStatus', plural: 'componentstatuses', short: ['cs'], clusterScoped },
  { kind: 'ConfigMap', plural: 'configmaps', short: ['cm'], runs },
  { kind: 'Endpoints', plural: 'endpoints', short: ['ep'], runs },
  { kind: 'Event', plural: 'events', short: ['ev'], runs },
  { kind: 'LimitRange', plural: 'limitranges', short: ['limits'], runs },
  { kind: 'Namespace', plural: 'namespaces', short: ['ns'], clusterScoped, subresources: STATUS, runs },
  { kind: 'Node', plural: 'nodes', short: ['no'], clusterScoped, subresources: STATUS, runs },
  {
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    short: ['pv'],
    clusterScoped,
    subresources: STATUS,
    runs,
  },
  {
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    short: ['pvc'],
    subresources: STATUS,
    runs,
  },
  {
    kind: 'Pod',
    plural: 'pods',
    short: ['po'],
    categories: ALL,
    subresources: ['status', 'ephemeralcontainers'],
    runs,
  },
  // A template for others to take: to be kept is all it is for.
  { kind: 'PodTemplate', plural: 'podtemplates', runs },
  {
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    short: ['rc'],
    categories: ALL,
    subresources: STATUS_AND_SCALE,
    runs,
  },
  { kind: 'ResourceQuota', plural: 'resourcequotas', short: ['quota'], subresources: STATUS, runs },
  { kind: 'Secret', plural: 'secrets', runs },
  { kind: 'Service', plural: 'services', short: ['svc'], categories: ALL, subresources: STATUS, runs },
  { kind: 'ServiceAccount', plural: 'serviceaccounts', short: ['sa'], runs },
];

const apps: readonly Row[] = [
  { kind: 'ControllerRevision', plural: 'controllerrevisions', also: ['v1beta2', 'v1beta1'], runs },
  {
    kind: 'DaemonSet',
    plural: 'daemonsets',
    also: ['v1beta2'],
    short: ['ds'],
    categories: ALL,
    subresources: STATUS,
    runs,
  },
  {
    kind: 'Deployment',
    plural: 'deployments',
    also: ['v1beta2', 'v1beta1'],
    short: ['deploy'],
    categories: ALL,
    subresources: STATUS_AND_SCALE,
    runs,
  },
  {
    kind: 'ReplicaSet',
    plural: 'replicasets',
    also: ['v1beta2'],
    short: ['rs'],
    categories: ALL,
    subresources: STATUS_AND_SCALE,
    runs,
  },
  {
    kind: 'StatefulSet',
    plural: 'statefulsets',
    also: ['v1beta2', 'v1beta1'],
    short: ['sts'],
    categories: ALL,
    subresources: STATUS_AND_SCALE,
    runs,
  },
];

const workloadGroups: Readonly<Record<string, readonly Row[]>> = {
  batch: [
    {
      kind: 'CronJob',
      plural: 'cronjobs',
      also: ['v1beta1', 'v2alpha1'],
      short: ['cj'],
      categories: ALL,
      subresources: STATUS,
      runs,
    },
    { kind: 'Job', plural: 'jobs', categories: ALL, subresources: STATUS, runs },
  ],
  autoscaling: [
    {
      kind: 'HorizontalPodAutoscaler',
      plural: 'horizontalpodautoscalers',
      version: 'v2',
      also: ['v1', 'v2beta2', 'v2beta1'],
      short: ['hpa'],
      categories: ALL,
      subresources: STATUS,
      runs,
    },
  ],
  policy: [
    {
      kind: 'PodDisruptionBudget',
      plural: 'poddisruptionbudgets',
      also: ['v1beta1'],
      short: ['pdb'],
      subresources: STATUS,
      runs,
    },
  ],
  'discovery.k8s.io': [{ kind: 'EndpointSlice', plural: 'endpointslices', also: ['v1beta1'], runs }],
  'networking.k8s.io': [
    { kind: 'IPAddress', plural: 'ipaddresses', also: ['v1beta1'], short: ['ip'], clusterScoped },
    { kind: 'Ingress', plural: 'ingresses', also: ['v1beta1'], short: ['ing'], subresources: STATUS },
    { kind: 'IngressClass', plural: 'ingressclasses', also: ['v1beta1'], clusterScoped },
    { kind: 'NetworkPolicy', plural: 'networkpolicies', short: ['netpol'] },
    {
      kind: 'ServiceCIDR',
      plural: 'servicecidrs',
      also: ['v1beta1'],
      clusterScoped,
      subresources: STATUS,
    },
  ],
};

const RBAC_OLD = ['v1beta1', 'v1alpha1'];
const clusterGroups: Readonly<Record<string, readonly Row[]>> = {
  'rbac.authorization.k8s.io': [
    { kind: 'ClusterRole', plural: 'clusterroles', also: RBAC_OLD, clusterScoped, runs },
    { kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', also: RBAC_OLD, clusterScoped, runs },
    { kind: 'Role', plural: 'roles', also: RBAC_OLD, runs },
    { kind: 'RoleBinding', plural: 'rolebindings', also: RBAC_OLD, runs },
  ],
  'scheduling.k8s.io': [
    {
      kind: 'PriorityClass',
      plural: 'priorityclasses',
      also: ['v1beta1', 'v1alpha1'],
      short: ['pc'],
      clusterScoped,
      runs,
    },
  ],
  'coordination.k8s.io': [{ kind: 'Lease', plural: 'leases', also: ['v1beta1'] }],
  'node.k8s.io': [
    { kind: 'RuntimeClass', plural: 'runtimeclasses', also: ['v1beta1', 'v1alpha1'], clusterScoped },
  ],
  'storage.k8s.io': [
    { kind: 'CSIDriver', plural: 'csidrivers', also: ['v1beta1'], clusterScoped },
    { kind: 'CSINode', plural: 'csinodes', also: ['v1beta1'], clusterScoped },
    { kind: 'CSIStorageCapacity', plural: 'csistoragecapacities', also: ['v1beta1'] },
    { kind: 'StorageClass', plural: 'storageclasses', also: ['v1beta1'], short: ['sc'], clusterScoped, runs },
    {
      kind: 'VolumeAttachment',
      plural: 'volumeattachments',
      also: ['v1beta1'],
      clusterScoped,
      subresources: STATUS,
    },
    { kind: 'VolumeAttributesClass', plural: 'volumeattributesclasses', short: ['vac'], clusterScoped },
  ],
  'certificates.k8s.io': [
    {
      kind: 'CertificateSigningRequest',
      plural: 'certificatesigningrequests',
      also: ['v1beta1'],
      short: ['csr'],
      clusterScoped,
      subresources: STATUS,
      runs,
    },
  ],
  'admissionregistration.k8s.io': [
    {
      kind: 'MutatingAdmissionPolicy',
      plural: 'mutatingadmissionpolicies',
      categories: API_EXTENSIONS,
      clusterScoped,
    },
    {
      kind: 'MutatingAdmissionPolicyBinding',
      plural: 'mutatingadmissionpolicybindings',
      categories: API_EXTENSIONS,
      clusterScoped,
    },
    {
      kind: 'MutatingWebhookConfiguration',
      plural: 'mutatingwebhookconfigurations',
      also: ['v1beta1'],
      categories: API_EXTENSIONS,
      clusterScoped,
    },
    {
      kind: 'ValidatingAdmissionPolicy',
      plural: 'validatingadmissionpolicies',
      also: ['v1beta1'],
      categories: API_EXTENSIONS,
      clusterScoped,
      subresources: STATUS,
    },
    {
      kind: 'ValidatingAdmissionPolicyBinding',
      plural: 'validatingadmissionpolicybindings',
      also: ['v1beta1'],
      categories: API_EXTENSIONS,
      clusterScoped,
    },
    {
      kind: 'ValidatingWebhookConfiguration',
      plural: 'validatingwebhookconfigurations',
      also: ['v1beta1'],
      categories: API_EXTENSIONS,
      clusterScoped,
    },
  ],
  'apiextensions.k8s.io': [
    {
      kind: 'CustomResourceDefinition',
      plural: 'customresourcedefinitions',
      typePackage: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
      also: ['v1beta1'],
      short: ['crd', 'crds'],
      categories: API_EXTENSIONS,
      clusterScoped,
      subresources: STATUS,
      runs,
    },
  ],
  'authentication.k8s.io': [
    { kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', clusterScoped },
    { kind: 'TokenReview', plural: 'tokenreviews', clusterScoped },
  ],
  'authorization.k8s.io': [
    { kind: 'LocalSubjectAccessReview', plural: 'localsubjectaccessreviews' },
    { kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews', clusterScoped },
    { kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews', clusterScoped },
    { kind: 'SubjectAccessReview', plural: 'subjectaccessreviews', clusterScoped },
  ],
};

const internal = true;
const PINTLE = 'dev.pintle.v1';
const own: readonly Row[] = [
  // One per git source. The name is the source's.
  { kind: 'Source', plural: 'sources', typePackage: PINTLE, clusterScoped, internal },
  // One inventory row per applied object.
  { kind: 'AppliedObject', plural: 'appliedobjects', typePackage: PINTLE, clusterScoped, internal },
  // One per node that somebody stopped. The name is the node's.
  { kind: 'StoppedNode', plural: 'stoppednodes', typePackage: PINTLE, clusterScoped, internal },
];

/** `networking.k8s.io` → `io.k8s.api.networking.v1`: the types of a group, in the facts. */
function packageOf(group: string, version: string): string {
  return `io.k8s.api.${group === '' ? 'core' : group.split('.')[0]}.${version}`;
}

function kindOfRow(group: string, row: Row): Kind {
  const version = row.version ?? 'v1';
  return {
    group,
    kind: row.kind,
    version,
    versions: [version, ...(row.also ?? [])],
    plural: row.plural,
    singular: row.kind.toLowerCase(),
    shortNames: row.short ?? [],
    categories: row.categories ?? [],
    namespaced: row.clusterScoped !== true,
    subresources: row.subresources ?? [],
    typeName: `${row.typePackage ?? packageOf(group, version)}.${row.kind}`,
    runs: row.runs ?? false,
    internal: row.internal ?? false,
  };
}

/** Every kind, in the order discovery lists the groups. */
export const builtinKinds: readonly Kind[] = Object.entries({
  '': core,
  apps,
  ...workloadGroups,
  ...clusterGroups,
  'pintle.dev': own,
}).flatMap(([group, rows]) => rows.map((row) => kindOfRow(group, row)));

/** Kinds that once stood in another group, or still do beside the one they are stored in. */
export const movedKinds: readonly (KindRef & { readonly version: string; readonly to: KindRef })[] = [
  ...['Deployment', 'DaemonSet', 'ReplicaSet'].map((kind) => ({
    group: 'extensions',
    version: 'v1beta1',
    kind,
    to: { group: 'apps', kind },
  })),
  ...['Ingress', 'NetworkPolicy'].map((kind) => ({
    group: 'extensions',
    version: 'v1beta1',
    kind,
    to: { group: 'networking.k8s.io', kind },
  })),
  ...['v1', 'v1beta1'].map((version) => ({
    group: 'events.k8s.io',
    version,
    kind: 'Event',
    to: { group: '', kind: 'Event' },
  })),
];

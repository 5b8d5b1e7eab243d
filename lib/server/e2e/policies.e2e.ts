import type { JsonObject } from '../../base/json.ts';
import { hostContainer, hostDeployment, hostPod } from '../../testing/host-manifests.ts';
import { type Step, testKubectl } from '../../testing/kubectl-steps.ts';

const of = (apiVersion: string, kind: string, name: string, more: JsonObject): string =>
  JSON.stringify({ apiVersion, kind, metadata: { name }, ...more });
const sleeps = [hostContainer('main', 'exec sleep 1000')];

const ranges: readonly Step[] = [
  { run: 'create -f range.json', prints: /created/ },
  {
    run: 'describe limits range',
    prints:
      /^Container +cpu +50m +1 +100m +200m +10\nContainer +memory +- +256Mi +256Mi +256Mi +-$|^Container +memory[\s\S]*^Container +cpu +50m +1 +100m +200m +10$/m,
  },
  // What says nothing of its own is given something, and is told of it.
  { run: 'create -f plain.json', prints: /created/ },
  {
    run: 'get pod plain -o jsonpath={.spec.containers[0].resources.requests.cpu}/{.spec.containers[0].resources.limits.cpu}',
    prints: /^100m\/200m$/,
  },
  { run: 'get pod plain -o jsonpath={.metadata.annotations}', prints: /LimitRanger plugin set: cpu/ },
  {
    run: 'create -f large.json',
    code: 1,
    complains: /pods "large" is forbidden: .*maximum cpu usage per Container is 1, but limit is 2/,
  },
  { run: 'delete limits range', prints: /deleted/ },
];

const quotas: readonly Step[] = [
  {
    run: 'create quota most --hard=pods=2,requests.cpu=1,count/deployments.apps=1,configmaps=5',
    prints: /created/,
  },
  {
    run: 'describe quota most',
    prints: /^configmaps +1 +5\ncount\/deployments\.apps +0 +1\npods +1 +2\nrequests\.cpu +100m +1$/m,
    eventually: true,
  },
  {
    run: 'create -f bare.json',
    code: 1,
    complains: /failed quota: most: must specify requests\.cpu for: main/,
  },
  { run: 'create -f web.json', prints: /created/ },
  // One of the two replicas has no room, and it is told where one would look for it.
  { run: 'describe rs -l app=web', prints: /FailedCreate.*exceeded quota: most/, eventually: true },
  {
    run: 'get deployment web -o \'jsonpath={.status.conditions[?(@.type=="ReplicaFailure")].reason}\'',
    prints: /^FailedCreate$/,
    eventually: true,
  },
  { run: 'get quota most', prints: /pods: 2\/2/, eventually: true },
  {
    run: 'create deployment more --image=host',
    code: 1,
    complains: /exceeded quota: most, requested: count\/deployments\.apps=1/,
  },
  { run: 'delete pod plain', prints: /deleted/ },
  { run: 'rollout status deployment/web --timeout=60s', prints: /successfully rolled out/ },
  { run: 'describe ns $NAMESPACE', prints: /^Resource Quotas\n +Name: +most\n[\s\S]*pods +2 +2/m },
  { run: 'delete quota most', prints: /deleted/ },
  {
    run: 'create quota spare --hard=pods=1 --scopes=BestEffort,NotBestEffort',
    code: 1,
    complains: /conflicting scopes/,
  },
];

const budgets: readonly Step[] = [
  { run: 'create pdb web --selector=app=web --min-available=2', prints: /created/ },
  { run: 'get pdb web', prints: /^web +2 +N\/A +0 +\d+s$/m, eventually: true },
  { run: `patch pdb web --type=merge -p '{"spec":{"minAvailable":"50%"}}'`, prints: /patched/ },
  { run: 'get pdb web', prints: /^web +50% +N\/A +1 /m, eventually: true },
  { run: 'delete deployment web', prints: /deleted/ },
];

const priorities: readonly Step[] = [
  {
    run: 'get pc',
    prints: /^system-cluster-critical +2000000000 +false .*\nsystem-node-critical +2000001000 +false /m,
  },
  { run: 'create pc high$MINOR --value=1000 --description=first', prints: /created/ },
  {
    run: 'describe pc high$MINOR',
    prints:
      /^Value: +1000\nGlobalDefault: +false\nPreemptionPolicy: +PreemptLowerPriority\nDescription: +first$/m,
  },
  {
    run: `patch pc high$MINOR -p '{"value":2}'`,
    code: 1,
    complains: /value: Forbidden: may not be changed in an update/,
  },
  {
    run: 'create pc above --value=1000000001',
    code: 1,
    complains: /maximum allowed value of a user defined priority is 1000000000/,
  },
  { run: 'delete pc system-node-critical', code: 1, complains: /cannot be deleted/ },
  { run: 'delete pc high$MINOR', prints: /deleted/ },
];

const roles: readonly Step[] = [
  { run: 'create clusterrole all$MINOR --aggregation-rule=part=v$MINOR', prints: /created/ },
  { run: 'create clusterrole one$MINOR --verb=get --resource=pods', prints: /created/ },
  { run: 'label clusterrole one$MINOR part=v$MINOR', prints: /labeled/ },
  { run: 'describe clusterrole all$MINOR', prints: /^ {2}pods +\[\] +\[\] +\[get\]$/m, eventually: true },
  { run: 'create rolebinding ann --clusterrole=all$MINOR --user=ann', prints: /created/ },
  { run: 'auth can-i get pods --as=ann', prints: /^yes$/m },
  // What is gathered no longer is given no longer, and is shown no longer.
  { run: 'label clusterrole one$MINOR part-', prints: /labeled/ },
  { run: 'auth can-i get pods --as=ann', code: 1, prints: /^no$/m },
  {
    run: 'get clusterrole all$MINOR -o jsonpath={.rules}',
    omits: /pods/,
    eventually: true,
    prints: /^(\[\])?$/,
  },
  { run: 'delete clusterrole all$MINOR one$MINOR', prints: /deleted/ },
];

const volume = (name: string, size: string, more: JsonObject = {}): string =>
  of('v1', 'PersistentVolume', name, {
    spec: {
      capacity: { storage: size },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'by-hand',
      nfs: { server: 'none', path: '/' },
      ...more,
    },
  });
const volumes: readonly Step[] = [
  { run: 'apply -f volumes', prints: /large created[\s\S]*small created/ },
  { run: 'get pv small', prints: /^small +1Gi +RWO +Retain +Available +by-hand /m, eventually: true },
  { run: 'create -f claim.json', prints: /created/ },
  { run: 'wait --for=jsonpath={.status.phase}=Bound pvc/data --timeout=30s', prints: /condition met/ },
  // The smallest that is large enough.
  { run: 'get pvc data', prints: /^data +Bound +small +1Gi +RWO +by-hand /m },
  { run: 'describe pv small', prints: /^Status: +Bound\nClaim: +play-\d+\/data$/m },
  {
    run: `patch pvc data -p '{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}'`,
    code: 1,
    complains: /only dynamically provisioned pvc can be resized/,
  },
  { run: 'delete pv small --wait=false', prints: /deleted/ },
  { run: 'get pv small', prints: /^small .* Terminating /m },
  { run: 'delete pvc data', prints: /deleted/ },
  { run: 'wait --for=delete pv/small --timeout=30s' },
  { run: 'get pv large -o jsonpath={.status.phase}', prints: /^Available$/ },
  { run: 'delete pv large', prints: /deleted/ },
];

const namespaces: readonly Step[] = [
  { run: 'create namespace held$MINOR', prints: /created/ },
  { run: 'create -n held$MINOR cm held --from-literal=a=b', prints: /created/ },
  {
    run: `patch -n held$MINOR cm held -p '{"metadata":{"finalizers":["example.com/held"]}}'`,
    prints: /patched/,
  },
  { run: 'delete namespace held$MINOR --wait=false', prints: /deleted/ },
  { run: 'create -n held$MINOR cm other', code: 1, complains: /because it is being terminated/ },
  {
    run: 'describe namespace held$MINOR',
    prints:
      /^Status: +Terminating[\s\S]*NamespaceFinalizersRemaining +True .*example\.com\/held in 1 resource instances/m,
    eventually: true,
  },
  {
    run: `patch -n held$MINOR cm held --type=merge -p '{"metadata":{"finalizers":null}}'`,
    prints: /patched/,
  },
  { run: 'wait --for=delete namespace/held$MINOR --timeout=30s' },
];

testKubectl({
  title: 'limits, quotas, budgets, priorities, roles, volumes and namespaces are what they say',
  versions: 'oldest and newest',
  files: {
    'range.json': of('v1', 'LimitRange', 'range', {
      spec: {
        limits: [
          {
            type: 'Container',
            min: { cpu: '50m' },
            max: { cpu: '1', memory: '256Mi' },
            defaultRequest: { cpu: '100m' },
            default: { cpu: '200m' },
            maxLimitRequestRatio: { cpu: '10' },
          },
        ],
      },
    }),
    'plain.json': hostPod('plain', sleeps),
    'bare.json': hostPod('bare', sleeps),
    'large.json': hostPod('large', [
      hostContainer('main', 'exec sleep 1000', { resources: { limits: { cpu: '2' } } }),
    ]),
    'web.json': hostDeployment('web', { replicas: 2 }),
    'volumes/large.json': volume('large', '5Gi'),
    'volumes/small.json': volume('small', '1Gi'),
    'claim.json': of('v1', 'PersistentVolumeClaim', 'data', {
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'by-hand',
        resources: { requests: { storage: '500Mi' } },
      },
    }),
  },
  steps: [...ranges, ...quotas, ...budgets, ...priorities, ...roles, ...volumes, ...namespaces],
});

import { hostConfigMap, hostContainer, hostDeployment, hostPod } from '../../testing/host-manifests.ts';
import { type Step, testKubectl } from '../../testing/kubectl-steps.ts';

const stubborn = [hostContainer('main', 'trap "" TERM; while :; do sleep 0.2; done')];

/** A Deployment with its children there, and their names known. */
const workload = (name: string): readonly Step[] => [
  { run: `create -f ${name}.json`, prints: /created/ },
  { run: `rollout status deployment/${name} --timeout=60s`, prints: /successfully rolled out/ },
];

const objects: readonly Step[] = [
  { run: 'create -f many', prints: /created/ },
  { run: 'delete cm one --dry-run=client', prints: /^configmap "one" deleted.* \(dry run\)$/m },
  { run: 'delete cm one --dry-run=server', prints: /^configmap "one" deleted.* \(server dry run\)$/m },
  { run: 'get cm one two -o name', prints: /^configmap\/one\nconfigmap\/two\n$/ },
  { run: 'delete cm one -o name', prints: /^configmap\/one$/m },
  {
    run: 'delete cm one',
    code: 1,
    complains: /^Error from server \(NotFound\): configmaps "one" not found$/m,
  },
  { run: 'delete cm one --ignore-not-found' },
  { run: 'delete -f many --ignore-not-found', prints: /^configmap "two" deleted/m },
  {
    run: 'delete -f many',
    code: 1,
    complains: /error when deleting "many\/one\.json": configmaps "one" not found/,
  },
  { run: 'create -f many', prints: /created/ },
  { run: 'delete cm,secret -l set=many', prints: /^configmap "one" deleted.*\nconfigmap "two" deleted/m },
  { run: 'delete cm -l set=many', prints: /^No resources found$/m },
  { run: 'create -f many', prints: /created/ },
  {
    run: 'delete cm/one secret/none',
    code: 1,
    prints: /configmap "one" deleted/,
    complains: /secrets "none" not found/,
  },
  { run: 'delete cm two --wait=false', prints: /deleted/ },
  { run: 'create -f many', prints: /created/ },
  { run: 'delete --raw /api/v1/namespaces/$NAMESPACE/configmaps/one', prints: /"status":"Success"/ },
  { run: 'delete cm --field-selector metadata.name=two', prints: /^configmap "two" deleted/m },
  { run: 'delete cm --all', prints: /deleted/ },
  { run: 'delete cm', code: 1, complains: /resource\(s\) were provided, but no name was specified/ },
  { run: 'delete cm two -l a=b', code: 1, complains: /name cannot be provided when a selector is specified/ },
];

const pods: readonly Step[] = [
  { run: 'create -f stubborn.json', prints: /created/ },
  { run: 'wait --for=condition=Ready pod/stubborn --timeout=30s', prints: /condition met/ },
  { run: 'delete pod stubborn --grace-period=100 --wait=false', prints: /deleted/ },
  { run: 'get pod stubborn', prints: /^stubborn +1\/1 +Terminating +0 +\d+s$/m },
  {
    run: 'delete pod stubborn --grace-period=0 --force',
    prints: /^pod "stubborn" force deleted/m,
    complains: /Immediate deletion does not wait for confirmation/,
  },
  { run: 'get pod stubborn', code: 1, complains: /NotFound/ },
  { run: 'create -f stubborn.json', prints: /created/ },
  { run: 'wait --for=condition=Ready pod/stubborn --timeout=30s', prints: /condition met/ },
  { run: 'delete pod stubborn --now', prints: /^pod "stubborn" deleted/m },
  { run: 'delete pod none --now', code: 1, complains: /pods "none" not found/ },
];

const cascades: readonly Step[] = [
  ...workload('orphaning'),
  { run: 'delete deployment orphaning --cascade=orphan', prints: /deployment\.apps "orphaning" deleted/ },
  {
    run: 'get rs,pods -l app=orphaning -o name',
    prints: /^replicaset\.apps\/orphaning-\w+\npod\/orphaning-\S+\n$/,
  },
  { run: 'get rs -l app=orphaning -o jsonpath={.items[0].metadata.ownerReferences}', omits: /./ },
  { run: 'delete rs -l app=orphaning --cascade=background', prints: /deleted/ },
  { run: 'wait --for=delete pod -l app=orphaning --timeout=30s' },
  ...workload('front'),
  { run: 'delete deployment front --cascade=foreground --timeout=60s', prints: /deleted/ },
  // Its children went first.
  { run: 'get deployment,rs,pods -l app=front', complains: /^No resources found/m },
  ...workload('back'),
  { run: 'delete deployment back --cascade=background', prints: /deleted/ },
  { run: 'get rs,pods -l app=back', complains: /^No resources found/m, eventually: true },
];

const everything: readonly Step[] = [
  ...workload('back'),
  { run: 'expose deployment back --port=80', prints: /exposed/ },
  { run: 'create job once --image=host -- echo', prints: /created/ },
  { run: 'delete all --all', prints: /service "back" deleted[\s\S]*deployment\.apps "back" deleted/ },
  { run: 'get all', complains: /^No resources found in \S+ namespace\.$/m, eventually: true },
  { run: 'create namespace gone$MINOR', prints: /created/ },
  { run: 'create -n gone$MINOR -f back.json', prints: /created/ },
  { run: 'create -n gone$MINOR cm left --from-literal=a=b', prints: /created/ },
  { run: 'rollout -n gone$MINOR status deployment/back --timeout=60s', prints: /successfully/ },
  { run: 'delete namespace gone$MINOR --wait=false', prints: /^namespace "gone\d+" deleted$/m },
  { run: 'wait --for=delete namespace/gone$MINOR --timeout=60s' },
  { run: 'get cm left -n gone$MINOR', code: 1, complains: /NotFound/ },
  {
    run: 'delete namespace default',
    code: 1,
    complains:
      /^Error from server \(Forbidden\): namespaces "default" is forbidden: this namespace may not be deleted$/m,
  },
];

testKubectl({
  title: 'what is deleted goes, with what it owns or without',
  versions: 'oldest and newest',
  files: {
    'many/one.json': hostConfigMap('one', { a: '1' }, { set: 'many' }),
    'many/two.json': hostConfigMap('two', { a: '2' }, { set: 'many' }),
    'stubborn.json': hostPod('stubborn', stubborn, { terminationGracePeriodSeconds: 100 }),
    'orphaning.json': hostDeployment('orphaning'),
    'front.json': hostDeployment('front'),
    'back.json': hostDeployment('back'),
  },
  steps: [...objects, ...pods, ...cascades, ...everything],
});

import type { JsonObject } from '../../base/json.ts';
import { hostContainer } from '../../testing/host-manifests.ts';
import { type Step, testKubectl } from '../../testing/kubectl-steps.ts';

const main = hostContainer('main', 'echo $COLOUR; exec sleep 1000');
const template = (app: string, more: JsonObject = {}): JsonObject => ({
  metadata: { labels: { app } },
  spec: { terminationGracePeriodSeconds: 1, containers: [main], ...more },
});
const workload = (apiVersion: string, kind: string, spec: JsonObject): string =>
  JSON.stringify({
    apiVersion,
    kind,
    metadata: { name: String(spec.name) },
    spec: { ...spec, name: undefined },
  });
const selecting = (app: string): JsonObject => ({
  name: app,
  selector: { matchLabels: { app } },
  template: template(app),
});

/** Without a selector of its own, as the first manifests were written. */
const controller = (name: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name },
    spec: { replicas: 2, template: template('old') },
  });
const controllers: readonly Step[] = [
  { run: 'create -f rc.json', prints: /^replicationcontroller\/old created$/m },
  { run: 'wait --for=jsonpath={.status.readyReplicas}=2 rc/old --timeout=30s', prints: /condition met/ },
  { run: 'get rc', prints: /^NAME +DESIRED +CURRENT +READY +AGE\nold +2 +2 +2 +\d+s$/m },
  { run: 'get rc old -o jsonpath={.spec.selector}', prints: /^\{"app":"old"\}$/ },
  { run: 'scale rc old --replicas=1', prints: /scaled/ },
  {
    run: 'describe rc old',
    prints:
      /^Selector: +app=old\n[\s\S]*^Replicas: +1 current \/ 1 desired\nPods Status: +1 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed\n[\s\S]*SuccessfulDelete/m,
    eventually: true,
  },
  { run: 'get pods -l app=old -o name', prints: /^pod\/old-\w+\n$/, eventually: true, save: 'POD' },
  // Left behind, and taken by the next that would have it.
  { run: 'delete rc old --cascade=orphan', prints: /deleted/ },
  { run: 'get $POD -o jsonpath={.metadata.ownerReferences}', prints: /^$/ },
  { run: 'create -f next.json', prints: /created/ },
  {
    run: 'get $POD -o jsonpath={.metadata.ownerReferences[0].name}',
    prints: /^next$/,
    eventually: true,
  },
  // Let go, where its labels are others.
  { run: 'label $POD app=free --overwrite', prints: /labeled/ },
  { run: 'get $POD -o jsonpath={.metadata.ownerReferences}', prints: /^$/, eventually: true },
  { run: 'delete rc next --cascade=foreground --timeout=30s', prints: /deleted/ },
  { run: 'get pods -l app=old', complains: /^No resources found/m },
  { run: 'delete $POD', prints: /deleted/ },
];

const sets: readonly Step[] = [
  { run: 'create -f rs.json', prints: /^replicaset\.apps\/lone created$/m },
  { run: 'wait --for=jsonpath={.status.readyReplicas}=1 rs/lone --timeout=30s', prints: /condition met/ },
  { run: 'scale rs lone --replicas=2 --current-replicas=1', prints: /scaled/ },
  { run: 'get rs lone', prints: /^lone +2 +2 +2 +\d+s$/m, eventually: true },
  { run: 'describe rs lone', prints: /^Replicas: +2 current \/ 2 desired\n/m },
  { run: 'delete rs lone --cascade=background', prints: /deleted/ },
  { run: 'wait --for=delete pod -l app=lone --timeout=30s' },
];

const daemons: readonly Step[] = [
  { run: 'create -f ds.json', prints: /^daemonset\.apps\/every created$/m },
  {
    run: 'rollout status ds/every --timeout=30s',
    prints: /^daemon set "every" successfully rolled out$/m,
  },
  {
    run: 'get ds',
    prints:
      /^NAME +DESIRED +CURRENT +READY +UP-TO-DATE +AVAILABLE +NODE SELECTOR +AGE\nevery +1 +1 +1 +1 +1 +<none> +\d+s$/m,
  },
  { run: 'set env ds/every COLOUR=red', prints: /env updated/ },
  { run: 'rollout status ds/every --timeout=30s', prints: /successfully rolled out/ },
  { run: 'logs ds/every', prints: /^red$/m },
  { run: 'rollout history ds/every', prints: /^1 +<none>\n2 +<none>$/m },
  { run: 'rollout history ds/every --revision=2', prints: /COLOUR:\s+red/ },
  { run: 'rollout undo ds/every --to-revision=1', prints: /rolled back/ },
  { run: 'rollout status ds/every --timeout=30s', prints: /successfully rolled out/ },
  { run: 'rollout history ds/every', prints: /^2 +<none>\n3 +<none>$/m },
  { run: 'get controllerrevisions -l app=every', prints: /^every-\w+ +daemonset\.apps\/every +3 +\d+s$/m },
  { run: 'rollout restart ds/every', prints: /restarted/ },
  { run: 'rollout status ds/every --timeout=30s', prints: /successfully rolled out/ },
  {
    run: 'describe ds every',
    prints:
      /^Desired Number of Nodes Scheduled: 1\nCurrent Number of Nodes Scheduled: 1\n[\s\S]*^Pods Status: +1 Running \/ 0 Waiting/m,
  },
  { run: 'rollout pause ds/every', code: 1, complains: /pausing is not supported/ },
  // A node that the pods are not for any more.
  {
    run: `patch ds every -p '{"spec":{"template":{"spec":{"nodeSelector":{"none":"such"}}}}}'`,
    prints: /patched/,
  },
  { run: 'get ds every', prints: /^every +0 +0 +0 +0 +0 +none=such/m, eventually: true },
  { run: 'delete ds every --cascade=foreground --timeout=30s', prints: /deleted/ },
];

const indexed = JSON.stringify({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'indexed' },
  spec: {
    completions: 3,
    parallelism: 3,
    completionMode: 'Indexed',
    backoffLimitPerIndex: 0,
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [hostContainer('main', 'echo $JOB_COMPLETION_INDEX; test $JOB_COMPLETION_INDEX != 1')],
      },
    },
  },
});
const waiting = JSON.stringify({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'waiting' },
  spec: {
    suspend: true,
    template: { spec: { restartPolicy: 'Never', containers: [hostContainer('main', 'echo done')] } },
  },
});
/** One failure more and it is over; to be evicted is none. */
const evicted = JSON.stringify({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'evicted' },
  spec: {
    backoffLimit: 0,
    podFailurePolicy: {
      rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
    },
    template: { spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [main] } },
  },
});
const evictions: readonly Step[] = [
  { run: 'create -f evicted.json', prints: /created/ },
  { run: 'wait --for=jsonpath={.status.ready}=1 job/evicted --timeout=30s', prints: /condition met/ },
  { run: 'get pods -l job-name=evicted -o jsonpath={.items[0].metadata.name}', save: 'POD' },
  { run: 'drain $NODE --pod-selector=job-name=evicted --timeout=30s', prints: /drained/ },
  { run: 'uncordon $NODE', prints: /uncordoned/ },
  // It goes on with another pod, and counts no failure.
  {
    run: 'get job evicted -o jsonpath={.status.ready}/{.status.failed}/{.status.terminating}',
    prints: /^1\/\/0$/,
    eventually: true,
  },
  { run: 'get pod $POD', code: 1, complains: /NotFound/, eventually: true },
  { run: 'delete job evicted', prints: /deleted/ },
];

const jobs: readonly Step[] = [
  { run: 'create -f indexed.json', prints: /created/ },
  { run: 'wait --for=condition=Failed job/indexed --timeout=30s', prints: /condition met/ },
  {
    run: 'describe job indexed',
    prints:
      /^Completion Mode: +Indexed\n[\s\S]*^Pods Statuses: +0 Active \(0 Ready\) \/ 2 Succeeded \/ 1 Failed\nCompleted Indexes: +0,2\n[\s\S]*FailedIndexes/m,
  },
  { run: 'logs -l batch.kubernetes.io/job-completion-index=2', prints: /^2$/m },
  // What ended stays to be read.
  { run: 'delete job indexed --cascade=orphan', prints: /deleted/ },
  {
    run: 'get pods -l batch.kubernetes.io/job-name=indexed -o name',
    prints: /^pod\/indexed-0-\w+\npod\/indexed-1-\w+\npod\/indexed-2-\w+\n$/,
  },
  { run: 'create -f waiting.json', prints: /created/ },
  { run: 'describe job waiting', prints: /JobSuspended|Suspended/, eventually: true },
  { run: 'get job waiting', prints: /^waiting +(Suspended +)?0\/1 +(<none>)? *\d+s$/m },
  { run: `patch job waiting -p '{"spec":{"suspend":false}}'`, prints: /patched/ },
  { run: 'wait --for=condition=complete job/waiting --timeout=30s', prints: /condition met/ },
  { run: 'create cronjob tick --image=host --schedule="0 0 1 1 *" -- echo tock', prints: /created/ },
  { run: 'create job now --from=cronjob/tick', prints: /^job\.batch\/now created$/m },
  { run: 'wait --for=condition=complete job/now --timeout=30s', prints: /condition met/ },
  { run: 'logs job/now', prints: /^tock$/m },
  { run: `patch cj tick -p '{"spec":{"suspend":true}}'`, prints: /patched/ },
  { run: 'describe cj tick', prints: /^Suspend: +True$/m },
  // The Job that was made by hand of it belongs to it, and goes with it.
  { run: 'delete cj tick --cascade=foreground --timeout=30s', prints: /deleted/ },
  { run: 'get job now', code: 1, complains: /NotFound/ },
];

const claim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
};
const stateful: readonly Step[] = [
  { run: 'create -f db.json', prints: /created/ },
  { run: 'rollout status sts/db --timeout=30s', prints: /complete/ },
  {
    run: 'get pods -l app=db -L apps.kubernetes.io/pod-index',
    prints: /^db-0 +1\/1 .* 0\ndb-1 +1\/1 .* 1\n/m,
  },
  { run: 'get pvc -o name', prints: /data-db-0\npersistentvolumeclaim\/data-db-1\n/ },
  // The claim of the pod that is scaled away goes with it; the other stays.
  { run: 'scale sts db --replicas=1', prints: /scaled/ },
  { run: 'wait --for=delete pvc/data-db-1 --timeout=30s' },
  { run: 'get pvc -o name', prints: /data-db-0\n$/ },
  { run: 'scale sts db --replicas=3', prints: /scaled/ },
  { run: 'rollout status sts/db --timeout=30s', prints: /complete/ },
  // Only the last is of the new version, until the partition is lowered; then as many at once as may be missing.
  {
    run: `patch sts db -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":2}}}}'`,
    prints: /patched/,
  },
  { run: 'set env sts/db COLOUR=blue', prints: /env updated/ },
  {
    run: 'rollout status sts/db --timeout=30s',
    prints: /partitioned roll out complete: 1 new pods have been updated/,
  },
  { run: 'logs db-2', prints: /^blue$/m },
  { run: 'logs db-1', omits: /blue/ },
  {
    run: `patch sts db -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0,"maxUnavailable":2}}}}'`,
    prints: /patched/,
  },
  { run: 'rollout status sts/db --timeout=30s', prints: /complete/ },
  { run: 'logs db-0', prints: /^blue$/m, eventually: true },
  { run: 'rollout restart sts/db', prints: /restarted/ },
  { run: 'rollout status sts/db --timeout=30s', prints: /complete/ },
  // Without its set, a pod lives on; the set that comes again takes it as it is.
  { run: 'get pod db-0 -o jsonpath={.metadata.uid}', save: 'UID' },
  { run: 'delete sts db --cascade=orphan', prints: /deleted/ },
  { run: 'get pod db-0 -o jsonpath={.metadata.ownerReferences}', prints: /^$/ },
  { run: 'create -f db.json', prints: /created/ },
  {
    run: 'get pod db-0 -o jsonpath={.metadata.ownerReferences[0].name}',
    prints: /^db$/,
    eventually: true,
  },
  { run: 'delete sts db --cascade=foreground --timeout=60s', prints: /deleted/ },
  // They go with the set, too.
  { run: 'get pvc', complains: /^No resources found/m, eventually: true },
];

const templates: readonly Step[] = [
  { run: 'create -f template.json', prints: /^podtemplate\/mould created$/m },
  {
    run: 'get podtemplate',
    prints: /^NAME +CONTAINERS +IMAGES +POD LABELS\nmould +main +host +app=mould$/m,
  },
  { run: 'get podtemplate mould -o jsonpath={.template.spec.restartPolicy}', prints: /^Always$/ },
  { run: 'delete podtemplate mould', prints: /deleted/ },
];

testKubectl({
  title: 'workloads run, roll, scale, and go as they are told',
  versions: 'oldest and newest',
  files: {
    'rc.json': controller('old'),
    'next.json': controller('next'),
    'rs.json': workload('apps/v1', 'ReplicaSet', selecting('lone')),
    'ds.json': workload('apps/v1', 'DaemonSet', selecting('every')),
    'indexed.json': indexed,
    'waiting.json': waiting,
    'evicted.json': evicted,
    'db.json': workload('apps/v1', 'StatefulSet', {
      ...selecting('db'),
      serviceName: 'db',
      replicas: 2,
      podManagementPolicy: 'Parallel',
      template: template('db', {
        containers: [{ ...main, volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      }),
      volumeClaimTemplates: [claim],
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' },
    }),
    'template.json': JSON.stringify({
      apiVersion: 'v1',
      kind: 'PodTemplate',
      metadata: { name: 'mould' },
      template: template('mould'),
    }),
  },
  steps: [...controllers, ...sets, ...daemons, ...jobs, ...evictions, ...stateful, ...templates],
});

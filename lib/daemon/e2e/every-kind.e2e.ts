import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { StatusJson } from '../../../cmd/status-json.ts';
import { kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { objectIn, realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

const [binary] = kubectlBinaries().slice(-1);
const here = binary === undefined ? test.skip : test;

type Text = Readonly<Record<string, unknown>>;
const of = (apiVersion: string, kind: string, name: string, more: Text): Text => ({
  apiVersion,
  kind,
  metadata: { name, ...(CLUSTER.has(kind) ? {} : { namespace: 'shop' }), ...(more.metadata as Text) },
  ...Object.fromEntries(Object.entries(more).filter(([field]) => field !== 'metadata')),
});
const CLUSTER: ReadonlySet<string> = new Set([
  'Namespace',
  'ClusterRole',
  'PersistentVolume',
  'PriorityClass',
]);
const template = (app: string, more: Text = {}, say = 'one'): Text => ({
  metadata: { labels: { app } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: 'host', command: ['sh', '-c', `echo ${say}; exec sleep 1000`] }],
    ...more,
  },
});
const selecting = (app: string, say?: string): Text => ({
  selector: { matchLabels: { app } },
  template: template(app, {}, say),
});
const once = (words: string): Text => ({
  template: {
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'host', command: ['sh', '-c', words] }],
    },
  },
});
const claim = (more: Text): Text => ({
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Mi' } },
  ...more,
});

/** One of every kind that something acts on, but for those that other tests push. */
const everything = (change: {
  readonly say: string;
  readonly replicas: number;
  readonly job: string;
}): string => {
  const { say, replicas, job } = change;
  const items = [
    of('v1', 'Namespace', 'shop', {}),
    of('scheduling.k8s.io/v1', 'PriorityClass', 'shop', { value: 5 }),
    of('v1', 'ResourceQuota', 'most', { spec: { hard: { pods: '20', 'count/jobs.batch': '5' } } }),
    of('v1', 'LimitRange', 'range', {
      spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '10m' }, default: { cpu: '1' } }] },
    }),
    of('rbac.authorization.k8s.io/v1', 'ClusterRole', 'shop-all', {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'shop' } }] },
      rules: [],
    }),
    of('rbac.authorization.k8s.io/v1', 'ClusterRole', 'shop-part', {
      metadata: { labels: { part: 'shop' } },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    }),
    of('v1', 'PersistentVolume', 'shop', {
      spec: {
        ...claim({ storageClassName: 'shop', capacity: { storage: '1Gi' }, resources: undefined }),
        nfs: { server: 'none', path: '/' },
      },
    }),
    of('v1', 'PersistentVolumeClaim', 'by-hand', { spec: claim({ storageClassName: 'shop' }) }),
    of('v1', 'PodTemplate', 'mould', { template: template('mould') }),
    of('policy/v1', 'PodDisruptionBudget', 'web', {
      spec: { maxUnavailable: '50%', selector: { matchLabels: { app: 'old' } } },
    }),
    of('v1', 'ReplicationController', 'old', {
      spec: { replicas, template: template('old', { priorityClassName: 'shop' }, say) },
    }),
    of('apps/v1', 'ReplicaSet', 'lone', { spec: { replicas, ...selecting('lone', say) } }),
    of('apps/v1', 'DaemonSet', 'every', { spec: selecting('every', say) }),
    of('apps/v1', 'StatefulSet', 'db', {
      spec: {
        ...selecting('db', say),
        replicas,
        serviceName: 'db',
        podManagementPolicy: 'Parallel',
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim({}) }],
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' },
      },
    }),
    of('batch/v1', 'Job', 'once', { spec: { completions: 2, completionMode: 'Indexed', ...once(job) } }),
    of('batch/v1', 'CronJob', 'tick', {
      spec: { schedule: '0 0 1 1 *', timeZone: 'Europe/Zurich', jobTemplate: { spec: once('true') } },
    }),
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
};

here('one of every kind goes through git: made, changed, told of, pruned with what it made', async (t) => {
  const daemon = await realDaemon(t);
  const first = await daemon.push({ 'all.json': everything({ say: 'one', replicas: 2, job: 'true' }) });
  const allWell = (revision: string) => (status: StatusJson) =>
    status.revision === revision && status.sync === 'Synced' && status.health === 'Healthy';
  const made = await daemon.untilStatus(allWell(first), 'all of it to be healthy', 60_000);
  t.is(made.total, 16);

  const home = join(daemon.directory, 'home');
  await mkdir(home);
  const kubeconfig = join(daemon.directory, 'kubeconfig');
  await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
  const run = kubectl({ binary: binary ?? '', home, kubeconfig, namespace: 'shop' });
  const prints = async (line: string, wanted: RegExp): Promise<void> => {
    let printed = '';
    const isSo = async (): Promise<boolean> => {
      printed = (await run(line.split(' '))).stdout;
      return wanted.test(printed);
    };
    await until(isSo, { what: line }).catch(() => t.fail(`${line}: ${printed}`));
  };
  await prints('get pods -l app=old -o jsonpath={.items[*].spec.priority}', /^5 5$/);
  await prints(
    'get pods -l app=lone -o jsonpath={.items[0].spec.containers[0].resources.requests.cpu}',
    /^10m$/,
  );
  await prints(
    'get pvc -o name',
    /by-hand\npersistentvolumeclaim\/data-db-0\npersistentvolumeclaim\/data-db-1\n/,
  );
  await prints('get job once -o jsonpath={.status.completedIndexes}', /^0,1$/);
  // What a controller writes into the role is not drift.
  await prints('get clusterrole shop-all -o jsonpath={.rules[*].resources}', /pods/);
  t.is((await daemon.run('plan', '--exit-code')).code, 0);

  // Another version and size; the Job cannot become another, and says so, and holds nothing else back.
  const second = await daemon.push({ 'all.json': everything({ say: 'two', replicas: 1, job: 'false' }) });
  const changed = await daemon.untilStatus(
    (status) =>
      status.revision === second &&
      status.objects.every((each) => each === objectIn(status, 'Job shop/once') || each.health === 'Healthy'),
    'the change to be live, but for the Job',
    60_000,
  );
  t.like(objectIn(changed, 'Job shop/once'), { sync: 'Blocked', syncReason: 'immutable-field' });
  await prints('logs ds/every', /^two$/m);
  await prints('logs db-0', /^two$/m);
  await prints('get pvc -o name', /by-hand\npersistentvolumeclaim\/data-db-0\n$/);
  // Those of controllers that do not roll stay as they were made.
  await prints('logs rc/old', /^one$/m);

  await daemon.push({ 'all.json': JSON.stringify(of('v1', 'Namespace', 'shop', {})) });
  await daemon.untilStatus((status) => status.pruneHolds.length === 1, 'the prune of most to wait');
  await daemon.run('approve');
  await daemon.untilStatus((status) => status.total === 1 && status.health === 'Healthy', 'the rest to go');
  await prints('get pods,pvc,jobs,controllerrevisions -o name', /^$/);
  // What was made for claims is kept, as its class says.
  await prints('get pv -o jsonpath={.items[*].status.phase}', /^Released Released$/);
});

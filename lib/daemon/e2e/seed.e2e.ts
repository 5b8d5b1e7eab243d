import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { runCommandLine } from '../../../cmd/pintle.ts';
import { type RunningDaemon, runDaemon } from '../../../cmd/run-daemon.ts';
import { refLabel, type StatusJson, type StatusObject } from '../../../cmd/status-json.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { temporaryRepository } from '../../testing/temporary-repository.ts';
import { until } from '../../testing/until.ts';
import { callDaemon } from '../control-client.ts';

const seeds = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'seed');

/** What becomes of the one object of a file. */
type Outcome = Partial<Pick<StatusObject, 'sync' | 'syncReason' | 'health' | 'reason'>> & {
  /** What the message or the detail has to name: a flag, another object. */
  readonly names?: RegExp;
};

const runs: Outcome = { sync: 'Synced', health: 'Healthy' };
const imageRefused: Outcome = {
  health: 'Degraded',
  reason: 'ErrImageNeverPull',
  names: /--assume-host-images/,
};
const noCommand: Outcome = { health: 'Degraded', reason: 'CrashLoopBackOff', names: /no command/ };
const invalid: Outcome = {
  sync: 'Blocked',
  syncReason: 'invalid',
  health: 'Missing',
  names: /\.yaml:\d+:\d+/,
};
const noEndpoints: Outcome = { sync: 'Synced', health: 'Progressing', reason: 'NoReadyEndpoints' };
const noNode: Outcome = { health: 'Degraded', reason: 'Unschedulable', names: /selector/ };
const noNamespace: Outcome = { sync: 'Blocked', syncReason: 'refused', names: /"development"/ };
const noTarget: Outcome = {
  sync: 'Synced',
  health: 'Degraded',
  reason: 'FailedGetScale',
  names: /Deployment/,
};

type Row = {
  readonly file: string;
  readonly flags?: readonly ('assume-host-images' | 'allow-host-access')[];
  /** Null: the file names no object that could be told of. */
  readonly object: string | null;
  readonly outcome?: Outcome;
  /** Where processes matter; elsewhere an agent would only cost time. */
  readonly runtime?: 'process';
};

/** A file whose pods nothing runs without an image, and what becomes of it with the machine's own files. */
const withImage = (file: string, object: string, assumed: Outcome): readonly Row[] => [
  { file, object, outcome: imageRefused, runtime: 'process' },
  { file, object, outcome: assumed, flags: ['assume-host-images'], runtime: 'process' },
];

const rows: readonly Row[] = [
  ...withImage('000-00-pod-nginx', 'Pod default/nginx', noCommand),
  { file: '000-01-deployment-nginx-default', object: 'Deployment default/nginx-default', outcome: invalid },
  { file: '001-02-pod-two-containers', object: null },
  { file: '001-03-pod-x', object: null },
  {
    file: '001-04-pod-nginx',
    object: 'Pod default/nginx',
    outcome: { ...invalid, names: /--allow-host-access/ },
  },
  {
    file: '001-04-pod-nginx',
    object: 'Pod default/nginx',
    outcome: imageRefused,
    flags: ['allow-host-access'],
    runtime: 'process',
  },
  {
    file: '001-04-pod-nginx',
    object: 'Pod default/nginx',
    outcome: noCommand,
    flags: ['allow-host-access', 'assume-host-images'],
    runtime: 'process',
  },
  ...withImage('001-05-pod-lifecycle-demo', 'Pod default/lifecycle-demo', noCommand),
  ...withImage('001-06-pod-test-liveness-exec', 'Pod default/test-liveness-exec', runs),
  ...withImage('002-07-replicationcontroller-mysql', 'ReplicationController default/mysql', noCommand),
  { file: '002-08-service-mysql', object: 'Service default/mysql', outcome: noEndpoints },
  ...withImage('002-09-replicationcontroller-myweb', 'ReplicationController default/myweb', noCommand),
  { file: '002-10-service-myweb', object: 'Service default/myweb', outcome: noEndpoints },
  ...withImage('002-11-pod-myweb', 'Pod default/myweb', noCommand),
  { file: '002-12-replicaset-frontend', object: 'ReplicaSet default/frontend', outcome: invalid },
  {
    file: '002-13-deployment-nginx-deployment',
    object: 'Deployment default/nginx-deployment',
    outcome: invalid,
  },
  { file: '002-14-replicaset-nginx-repset', object: 'ReplicaSet default/nginx-repset', outcome: invalid },
  ...withImage('002-15-deployment-frontend', 'Deployment default/frontend', noCommand),
  {
    file: '002-16-horizontalpodautoscaler-php-apache',
    object: 'HorizontalPodAutoscaler default/php-apache',
    outcome: noTarget,
  },
  { file: '002-17-service-tomcat-service', object: 'Service default/tomcat-service', outcome: noEndpoints },
  { file: '002-18-service-tomcat-service', object: 'Service default/tomcat-service', outcome: noEndpoints },
  { file: '002-19-persistentvolume-pv0003', object: 'PersistentVolume pv0003', outcome: runs },
  { file: '002-20-namespace-development', object: 'Namespace development', outcome: runs },
  { file: '002-21-pod-busybox', object: 'Pod development/busybox', outcome: noNamespace },
  ...withImage('003-22-pod-kubia-liveness', 'Pod default/kubia-liveness', noCommand),
  ...withImage('003-23-replicationcontroller-kubia', 'ReplicationController default/kubia', noCommand),
  ...withImage('004-24-pod-kubia-manual', 'Pod default/kubia-manual', noCommand),
  ...withImage('004-25-pod-kubia-manual-v2', 'Pod default/kubia-manual-v2', noCommand),
  { file: '004-26-pod-kubia-gpu', object: 'Pod default/kubia-gpu', outcome: noNode },
  { file: '004-27-namespace-custom-namespace', object: 'Namespace custom-namespace', outcome: runs },
  ...withImage('004-28-replicationcontroller-kubia', 'ReplicationController default/kubia', noCommand),
  ...withImage('004-29-replicaset-kubia', 'ReplicaSet default/kubia', noCommand),
  { file: '004-30-daemonset-ssd-monitor', object: 'DaemonSet default/ssd-monitor', outcome: runs },
  ...withImage('004-31-job-batch-job', 'Job default/batch-job', noCommand),
  ...withImage('004-32-job-batch-job-more', 'Job default/batch-job-more', noCommand),
  {
    file: '004-33-cronjob-batch-job-every-fifteen-minutes',
    object: 'CronJob default/batch-job-every-fifteen-minutes',
    outcome: runs,
  },
  { file: '004-34-cronjob-x', object: null },
];

test('every seed has its row', (t) => {
  const files = readdirSync(seeds).map((file) => basename(file, '.yaml'));
  t.deepEqual(files.toSorted(), [...new Set(rows.map(({ file }) => file))].toSorted());
});

/** Daemons at a time: each has an agent, a proxy and a store of its own, and most of its time it waits. */
const AT_ONCE = 4;

test('each seed in a repository of its own runs, or is reported precisely', async (t) => {
  const directory = await temporaryDirectory(t);
  const queue = rows.map((row, at) => ({ row, directory: join(directory, String(at)) }));
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await checkSeed(t, next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
});

async function checkSeed(
  t: ExecutionContext,
  { row, directory }: { readonly row: Row; readonly directory: string },
): Promise<void> {
  const file = `${row.file}.yaml`;
  const said = `${file} ${row.flags?.join(' ') ?? ''}`;
  const repository = await temporaryRepository(join(directory, 'repository'));
  const head = await repository.commit({ [file]: readFileSync(join(seeds, file)) });
  const daemon = await daemonOn(repository.path, join(directory, 'data'), row);
  const ended = daemon.ended({ signalled: new Promise(() => {}) });
  try {
    let status: StatusJson | null = null;
    const settled = async (): Promise<boolean> => {
      status = await statusOf(daemon);
      return status?.revision === head && isSo(status, row);
    };
    await until(settled, { what: said }).catch(() => t.fail(`${said}: ${JSON.stringify(status)}`));
    t.deepEqual(problemsInStatus(status), await problemsOfValidate(file, row.flags ?? []), said);
  } finally {
    await callDaemon(daemon.dataDirectory, 'down', { pods: true });
    await ended;
  }
}

/** What `pintle up` runs, in this process: sixty of them would spend most of their time on starting Node. */
function daemonOn(repository: string, dataDirectory: string, row: Row): Promise<RunningDaemon> {
  const { flags = [] } = row;
  return runDaemon({
    ...{ repository, dataDirectory, cwd: dataDirectory, branch: 'main', path: '' },
    ...{
      runtime: row.runtime ?? 'simulated',
      policy: 'hold',
      pollIntervalMs: 15_000,
      nodeName: 'node',
      logLevel: 'info',
    },
    ...{ statusBranch: 'pintle/status', takeOverStatus: false },
    allowHostAccess: flags.includes('allow-host-access'),
    assumeHostImages: flags.includes('assume-host-images'),
  });
}

async function statusOf(daemon: RunningDaemon): Promise<StatusJson | null> {
  return callDaemon(daemon.dataDirectory, 'status').then(
    (status) => status as StatusJson,
    () => null,
  );
}

function isSo(status: StatusJson, { object, outcome = {} }: Row): boolean {
  if (object === null) return status.sync === 'OutOfSync' && status.total === 0;
  const [only, another] = status.objects;
  if (only === undefined || another !== undefined || refLabel(only) !== object) return false;
  const { names, ...codes } = outcome;
  const told = `${only.syncDetail ?? ''} ${only.message ?? ''}`;
  const same = Object.entries(codes).every(([field, value]) => only[field as keyof typeof codes] === value);
  return same && (names === undefined || names.test(told));
}

type Told = {
  readonly ruleId: string;
  readonly severity: string;
  readonly place: string;
  readonly message: string;
};

function problemsInStatus(status: StatusJson | null): readonly Told[] {
  return (status?.problems ?? []).map(({ ruleId, severity, file, line, column, message }) => {
    return { ruleId, severity, place: `${file}:${line}:${column}`, message };
  });
}

/** What `pintle validate` says of the same file: whoever reads the one must not learn less from the other. */
async function problemsOfValidate(file: string, flags: NonNullable<Row['flags']>): Promise<readonly Told[]> {
  let text = '';
  const io = {
    ...{ stdin: Readable.from([]), cwd: seeds, env: {}, colour: false, columns: 80, stderr: () => {} },
    stdout(chunk: string): void {
      text += chunk;
    },
  };
  const allow = flags.includes('allow-host-access') ? ['--allow-host-access'] : [];
  await runCommandLine(['validate', file, '-o', 'json', ...allow], io);
  const report = JSON.parse(text) as {
    readonly problems: readonly (Omit<Told, 'place'> & {
      readonly file: string;
      readonly line: number;
      readonly column: number;
    })[];
  };
  return report.problems.map(({ ruleId, severity, message, ...at }) => {
    return { ruleId, severity, place: `${at.file}:${at.line}:${at.column}`, message };
  });
}

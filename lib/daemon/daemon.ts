import { bootstrapNamespaces } from '../api/bootstrap.ts';
import { bootstrapPriority } from '../api/bootstrap-priority.ts';
import { bootstrapService } from '../api/bootstrap-service.ts';
import { bootstrapStorage } from '../api/bootstrap-storage.ts';
import type { Caller, Client } from '../api/client.ts';
import { informers as informersOf } from '../api/informers.ts';
import { localClient } from '../api/local-client.ts';
import type { NodeAgents } from '../api/node-agent.ts';
import type { PodAccess } from '../api/pod-access.ts';
import { renumberServices } from '../api/renumber-services.ts';
import type { Clock } from '../base/clock.ts';
import { assert } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { GitRepository } from '../git/repository.ts';
import { autoscaledKey, autoscaledTargets } from '../plan/autoscaled.ts';
import type { SourceSpec } from '../plan/source-state.ts';
import type { PodDriver } from '../runtime/driver.ts';
import type { NodeSettings } from '../runtime/node/node-settings.ts';
import { nodeNames } from '../runtime/node/node-share.ts';
import { specLimitations } from '../runtime/process/spec-limitations.ts';
import { type ManifestDirectory, manifestDirectory } from '../runtime/static/manifest-directory.ts';
import { type StaticProblem, staticProblemText } from '../runtime/static/read-static-pods.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { refKey } from '../schema/object.ts';
import type { StatusReport } from '../status/report.ts';
import type { Store } from '../store/store.ts';
import { announcements } from './announce-report.ts';
import { controlHandlers } from './control-handlers.ts';
import type { ControlHandlers, DaemonEvent, EndRequest, Trouble } from './control-protocol.ts';
import { eventStream } from './event-stream.ts';
import { CRD, growingSchema } from './growing-schema.ts';
import { holdRestorer } from './hold-restorer.ts';
import { liveView } from './live-view.ts';
import { type MachineryDeps, startMachinery } from './machinery.ts';
import { ownedClient } from './owned-client.ts';
import { reconciler } from './reconciler.ts';
import type { FailedRolloutPolicy } from './rollout-guard.ts';
import { snapshotJson, takeSnapshot } from './simulate/cluster-snapshot.ts';
import { readTree } from './simulate/read-tree.ts';
import { sourceReader } from './source-reader.ts';
import { loadSourceRecord } from './source-record.ts';
import { standingTroubles } from './standing-troubles.ts';
import { statusWriter } from './status-writer.ts';
import { tellingStore } from './telling-store.ts';
import { watchSource } from './watch-source.ts';

/** What the world is to a daemon. `up` hands it the real one; tests, simulation and benchmarks theirs. */
export type DaemonPorts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly store: Store;
  readonly repository: GitRepository;
  readonly driver: PodDriver;
  /** Makes Services reachable; null where pods are simulated. */
  readonly network: MachineryDeps['network'];
  readonly machine: NodeSettings;
  /** How pods reach the API that is served; unset: none is. */
  readonly access?: PodAccess | undefined;
  /** Opens the directory of static pods. Unset: it is one of this machine's disk. */
  readonly openManifests?: (directory: string) => ManifestDirectory;
};

export type DaemonSettings = {
  readonly source: SourceSpec;
  readonly statusBranch: string;
  readonly takeOverStatus: boolean;
  readonly policy: FailedRolloutPolicy;
  readonly pollIntervalMs: number;
  /** Of the first node; more are named after it. */
  readonly nodeName: string;
  /** The machine's own nodes, beside those that are declared. Unset: one. */
  readonly nodeCount?: number;
  readonly allowHostAccess: boolean;
  readonly serviceRange: string;
  /** Manifests of pods that the first node runs without the API's say. Unset: none. */
  readonly staticPodDirectory?: string | undefined;
  /** Pods find Services by name: the range's tenth address is the name server's. */
  readonly namesServed?: boolean;
  /** As the driver was told: any image's command runs on the machine's files. Unset: not. */
  readonly assumeHostImages?: boolean;
};

export type Daemon = {
  readonly client: Client;
  /** For those who come from outside: whoever changes what git manages is told so. */
  readonly served: Client;
  readonly nodes: NodeAgents;
  readonly handlers: ControlHandlers;
  subscribe(listener: (event: DaemonEvent) => void): { close(): void };
  report(): StatusReport | null;
  /** Nothing runs and nothing is due: only time or a change from outside will move anything. */
  idle(): boolean;
  /** Resolves when somebody asked it to end (`pintle down`), with how. */
  readonly endAsked: Promise<EndRequest>;
  /** Answers whoever asked it to end: all of it is over. */
  ended(): void;
  /** Ends the loops; pods run on unless the request says that they end. The ports stay open: they are the caller's. */
  stop(request?: EndRequest): Promise<void>;
};

const caller: Caller = { user: 'system:pintle', groups: ['system:masters'], fieldManager: 'pintle' };

/** Kinds that health and pruning look at whatever the source holds. */
const ALWAYS_TRACKED = [
  ['', 'Namespace'],
  ['', 'ConfigMap'],
  ['', 'Secret'],
  ['', 'ServiceAccount'],
  ['', 'Service'],
  ['', 'Endpoints'],
  ['', 'Pod'],
  ['', 'Event'],
  ['', 'PersistentVolumeClaim'],
  ['storage.k8s.io', 'StorageClass'],
  ['discovery.k8s.io', 'EndpointSlice'],
  ['apps', 'ReplicaSet'],
  ['apps', 'Deployment'],
  ['batch', 'Job'],
  ['batch', 'CronJob'],
  ['autoscaling', 'HorizontalPodAutoscaler'],
] as const;

/** Puts the rooms together: the same whole runs on a real machine, in tests and in simulation. */
export async function startDaemon(settings: DaemonSettings, ports: DaemonPorts): Promise<Daemon> {
  const { clock, random, log, repository } = ports;
  const schema = growingSchema(builtinSchema());
  const apiSettings = {
    serviceRange: settings.serviceRange,
    nodePortRange: { from: 30_000, to: 32_767 },
    allowHostAccess: settings.allowHostAccess,
    ...(ports.access && { rootCertificate: ports.access.rootCertificate }),
    ...(ports.driver.name === 'process' && { notHonoured: specLimitations }),
  };
  const events = eventStream();
  const onTrouble = (trouble: Trouble): void => events.emit({ type: 'trouble', ...trouble });
  const troubles = standingTroubles({ now: clock.now, tell: onTrouble });
  const store = tellingStore(ports.store, { log, troubles });
  const client = localClient({ store, schema, clock, random, log, settings: apiSettings });
  await bootstrapNamespaces(client);
  await bootstrapStorage(client);
  await bootstrapPriority(client);
  // Before any pod: what is started is told of them.
  await renumberServices(client, { ...settings, withNames: settings.namesServed === true });
  if (ports.access !== undefined) await bootstrapService(client, ports.access);
  const informers = informersOf(client, caller);
  const view = liveView(schema, informers);
  await view.track([CRD, ...ALWAYS_TRACKED.map(([group, kind]) => ({ group, kind }))]);
  const record = await loadSourceRecord(client, caller, settings.source);
  const status = statusWriter({
    repository,
    branch: settings.statusBranch,
    instance: await instanceOf(client),
    takeOver: settings.takeOverStatus,
    clock,
    log,
    troubles,
  });
  const { branch, path } = settings.source;
  const reader = sourceReader({
    repository,
    branch,
    path,
    schema,
    allowHostAccess: settings.allowHostAccess,
  });
  let last: StatusReport | null = null;
  const loop = reconciler({
    schema,
    client,
    caller,
    reader,
    record,
    view,
    clock,
    log,
    policy: settings.policy,
    troubles,
    emit: events.emit,
    onReport(report) {
      for (const event of announcements(last, report)) events.emit(event);
      last = report;
      status.offer(report);
      machinery.machineNodes.declaredChanged();
    },
    onHolds(holds, head, desired) {
      if (settings.policy === 'commit') restorer.look(holds, head, desired);
    },
  });
  schema.follow(informers.of(CRD), () => loop.poke());
  const restorer = holdRestorer({
    ...{ repository, branch, inventory: () => record.inventory, clock, log },
    onTrouble: (code, message, retried) => onTrouble({ code, message, retried }),
    poke: loop.poke,
  });
  const tellStaticProblems = (problems: readonly StaticProblem[]): void => {
    const [first] = problems;
    for (const problem of problems) log.warn('static-pod-refused', problem);
    if (first === undefined) {
      troubles.end('static-pods');
      return;
    }
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    const message = `static pods: ${staticProblemText(first)}${more}`;
    troubles.begin('static-pods', { code: 'STATIC_POD_REFUSED', message, retried: true });
  };
  const machinery = await startMachinery({
    ...ports,
    ...{ client, informers, nodeNames: nodeNames(settings.nodeName, settings.nodeCount ?? 1) },
    ...(settings.staticPodDirectory !== undefined && {
      staticPods: {
        directory: (ports.openManifests ?? manifestDirectory)(settings.staticPodDirectory),
        onProblems: tellStaticProblems,
      },
    }),
    isDeclared: (node) =>
      record.inventory.has(refKey({ group: '', kind: 'Node', namespace: '', name: node.metadata.name })),
  });
  // Told after the schema, which listens first.
  informers.of(CRD).onChange(machinery.kindsChanged);
  machinery.kindsChanged();
  view.onChange((_key, kind) => {
    if (kind.kind !== 'Event') loop.pokeCalmly();
  });
  const source = await watchSource({
    repository,
    branch,
    statusBranch: settings.statusBranch,
    wasApplied: () => record.state.revision !== null,
    pollIntervalMs: settings.pollIntervalMs,
    clock,
    log,
    troubles,
    // The watcher has gathered already what came together.
    onChange: () => loop.poke(0),
  });
  loop.poke();
  const end = Promise.withResolvers<EndRequest>();
  const stopped = Promise.withResolvers<void>();
  const handlers = controlHandlers({
    schema,
    clock,
    repository,
    reader,
    record,
    troubles,
    loop,
    node: () => machinery.nodeFacts(),
    async snapshot(revision) {
      const tree = await readTree(repository, { revision, branch, path });
      return snapshotJson(takeSnapshot(ports, settings, tree));
    },
    nodes: machinery.machineNodes,
    async end(options) {
      end.resolve(options);
      await stopped.promise;
    },
  });
  const served = ownedClient(client, {
    inventory: () => record.inventory,
    isAutoscaled: (ref) => autoscaledTargets(view.autoscalers()).has(autoscaledKey(ref)),
    backedOff: loop.backedOff,
  });
  return {
    client,
    served,
    nodes: machinery.nodes,
    handlers,
    subscribe: events.subscribe,
    report: () => last,
    idle: () => loop.idle() && machinery.idle() && status.idle() && restorer.idle(),
    endAsked: end.promise,
    ended: stopped.resolve,
    async stop(request) {
      await source.close();
      await loop.stop();
      await restorer.stop();
      await machinery.stop(request);
      await status.stop();
      informers.stop();
    },
  };
}

/** Which installation this is: kube-system's uid, as a cluster is told from another by custom. */
async function instanceOf(client: Client): Promise<string> {
  const namespace = await client.get(
    { group: '', kind: 'Namespace', namespace: '', name: 'kube-system' },
    caller,
  );
  assert(namespace?.metadata.uid !== undefined, 'kube-system was just made sure of');
  return namespace.metadata.uid;
}

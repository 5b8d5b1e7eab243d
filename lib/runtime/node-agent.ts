import type { Caller, Client } from '../api/client.ts';
import { eventRecorder } from '../api/event-recorder.ts';
import type { Change } from '../api/informer.ts';
import type { Informers } from '../api/informers.ts';
import type { NodeAgent } from '../api/node-agent.ts';
import type { IssueToken } from '../api/pod-access.ts';
import type { Clock } from '../base/clock.ts';
import { timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { isMirrorPod } from '../schema/mirror-pod.ts';
import type {
  ConfigMap,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Secret,
  Service,
  ServiceAccount,
} from '../schema/types.gen.ts';
import { diskWatch } from './disk-watch.ts';
import type { PodDriver } from './driver.ts';
import { type DriverView, driverView } from './driver-view.ts';
import { podScraper } from './metrics/pod-scraper.ts';
import { nodeAmounts } from './node/node-object.ts';
import type { NodeSettings } from './node/node-settings.ts';
import { nodeTending } from './node/tend-node.ts';
import { graceMsOf } from './pod/pod-end.ts';
import { podRoster } from './pod-roster.ts';
import { podStreams } from './pod-streams.ts';
import { usageByPod } from './pod-usage.ts';
import type { RuntimeEdge } from './runtime-edge.ts';
import { type StaticPodSettings, staticPods } from './static/static-pods.ts';

const kindOf = (kind: string): { readonly group: string; readonly kind: string } => ({ group: '', kind });

/**
 * What runs the pods of one node: takes those bound to it, keeps them as the API says, tells the API how they are. It keeps
 * nothing of its own that matters: started anew, it adopts what runs from the driver's records and the pods' status.
 */
export function nodeAgent(options: {
  readonly nodeName: string;
  readonly client: Client;
  readonly informers: Informers;
  /** Not opened yet: `run` opens it, `stop` closes it. */
  readonly driver: PodDriver;
  /** Unset: all that the driver has is this node's. */
  readonly view?: DriverView;
  readonly clock: Clock;
  readonly log: Log;
  /** As they are when asked: how many nodes share the machine may change. */
  readonly settings: NodeSettings | (() => NodeSettings);
  /** Unset: no API is served, and no token issued. */
  readonly issueToken?: IssueToken | undefined;
  /** Pods of a directory, run without the API's say. Unset: none. */
  readonly staticPods?: StaticPodSettings | undefined;
}): NodeAgent {
  const { nodeName, client, informers, driver, clock, issueToken } = options;
  const given = options.settings;
  const settings = typeof given === 'function' ? given : (): NodeSettings => given;
  const { hostIP, dns } = settings();
  const log = options.log.with({ room: 'runtime', node: nodeName });
  const caller: Caller = {
    user: `system:node:${nodeName}`,
    groups: ['system:nodes'],
    fieldManager: 'pintle-node-agent',
  };
  const events = eventRecorder({ client, clock, log, component: 'kubelet', host: nodeName });
  const pods = informers.of<Pod>(kindOf('Pod'));
  const configMaps = informers.of<ConfigMap>(kindOf('ConfigMap'));
  const secrets = informers.of<Secret>(kindOf('Secret'));
  const services = informers.of<Service>(kindOf('Service'));
  const claims = informers.of<PersistentVolumeClaim>(kindOf('PersistentVolumeClaim'));
  const volumes = informers.of<PersistentVolume>(kindOf('PersistentVolume'));
  const accounts = issueToken && informers.of<ServiceAccount>(kindOf('ServiceAccount'));
  const edge: RuntimeEdge = {
    ...{ nodeName, hostIP, client, caller, driver, clock, log, events },
    get allocatable() {
      return nodeAmounts(settings());
    },
    view: options.view ?? driverView(driver),
    references: {
      configMap: (namespace, name) => configMaps.get({ namespace, name }),
      secret: (namespace, name) => secrets.get({ namespace, name }),
      services: (namespace) => services.inNamespace(namespace),
      claim: (namespace, name) => claims.get({ namespace, name }),
      volume: (name) => volumes.get({ namespace: '', name }),
      ...(accounts && { serviceAccount: (namespace, name) => accounts.get({ namespace, name }) }),
    },
    ...(issueToken && { issueToken }),
    ...(dns && { dns }),
    get memoryCapacityBytes() {
      return settings().memoryBytes;
    },
    writerOf: (podUid) => statics.writerOf(podUid),
  };
  const node = nodeTending(edge, settings);
  const roster = podRoster(edge);
  const statics = staticPods({ settings: options.staticPods, edge, mirrors: pods, roster });
  const ours = (pod: Pod | undefined): pod is Pod => pod?.spec.nodeName === nodeName;
  const findPod = (namespace: string, name: string): Pod | undefined => {
    const pod = statics.podOf(namespace, name) ?? pods.get({ namespace, name });
    return ours(pod) ? pod : undefined;
  };
  const streams = podStreams(edge, findPod);
  // Simulated pods have addresses that are somebody else's.
  const scraper =
    driver.name === 'simulated'
      ? null
      : podScraper({
          clock,
          events,
          connect: ({ metadata: { namespace = 'default', name } }, port) =>
            streams.forward({ namespace, pod: name }, port),
        });
  const subscriptions: { stop(): void }[] = [];

  const seePod = (pod: Pod): void => {
    if (isMirrorPod(pod)) statics.seeMirror(pod);
    else roster.see(pod);
    scraper?.see(pod);
  };
  const onPod = ({ before, after }: Change<Pod>): void => {
    if (ours(before) && before.metadata.uid !== after?.metadata.uid) {
      if (isMirrorPod(before)) statics.seeMirror(before);
      else roster.lose(before);
      scraper?.lose(before.metadata.uid ?? '');
    }
    if (ours(after)) seePod(after);
  };
  const onSource =
    (kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim') =>
    ({ before, after }: Change<ConfigMap | Secret | PersistentVolumeClaim>): void => {
      const { namespace = '', name = '' } = (after ?? before)?.metadata ?? {};
      roster.refresh(namespace, `${kind}/${name}`);
    };

  return {
    nodeName,
    async run() {
      await driver.open();
      const sources = [pods, configMaps, secrets, services, claims, volumes, accounts];
      await Promise.all(sources.map((informer) => informer?.synced));
      await node.register();
      const change = driver.onChange((podUid) => roster.wake(podUid));
      subscriptions.push(
        { stop: () => change.close() },
        pods.onChange(onPod),
        configMaps.onChange(onSource('ConfigMap')),
        secrets.onChange(onSource('Secret')),
        claims.onChange(onSource('PersistentVolumeClaim')),
      );
      const ownPods = (): readonly Pod[] => [...pods.objects.values()].filter(ours);
      const running = (): readonly Pod[] =>
        ownPods().flatMap((pod) => findPod(pod.metadata.namespace ?? 'default', pod.metadata.name) ?? []);
      subscriptions.push(diskWatch({ edge, pods: running, evict: roster.evict }));
      for (const pod of ownPods()) seePod(pod);
      await statics.start();
      // What the driver has and the API has not ended while nobody looked.
      for (const podUid of await edge.view.podUids()) roster.adoptOrphan(podUid);
    },
    async endPods({ graceMaxMs }) {
      const beganAtMs = clock.now();
      const graces = [...pods.objects.values()].filter(ours).map((pod) => graceMsOf({ pod }));
      const longestMs = Math.min(Math.max(0, ...graces), graceMaxMs ?? Number.POSITIVE_INFINITY);
      const { promise: tooLong, resolve } = Promise.withResolvers<void>();
      const timer = clock.setTimer(longestMs + timings.downSlackMs, resolve);
      await Promise.race([roster.leave({ beganAtMs, graceMaxMs }), tooLong]);
      timer.cancel();
    },
    async stop() {
      for (const subscription of subscriptions.splice(0)) subscription.stop();
      node.stop();
      scraper?.stop();
      statics.stop();
      const stopping = roster.stop();
      // Calls under way fail or are over then; whoever comes next decides anew.
      await driver.close();
      await stopping;
      await events.flush();
    },
    ...streams,
    ...(scraper !== null && { podMetrics: scraper.metrics }),
    removeVolumeData: (handle) => driver.removeVolumeData(handle),
    nodeUsage: () => settings().usage?.() ?? null,
    async stats() {
      return usageByPod(await driver.stats(), (uid) => roster.podOf(uid));
    },
  };
}

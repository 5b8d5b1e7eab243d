import type { Informer } from '../api/informer.ts';
import type { Informers } from '../api/informers.ts';
import type { EpochMs } from '../base/clock.ts';
import { isArray, isObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { groupOf, type KindRef, type KubeObject, type ObjectRef, refKey, refOf } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import type { Event } from '../schema/types.gen.ts';
import type { HealthContext } from '../status/health-state.ts';
import type { ReportedEvent } from '../status/report.ts';
import { firstIndex } from '../store/sorted-keys.ts';
import { waitsForConsumer } from './claim-binding.ts';

const HPA: KindRef = { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' };
const SLICE: KindRef = { group: 'discovery.k8s.io', kind: 'EndpointSlice' };
const POD: KindRef = { group: '', kind: 'Pod' };
const REPLICA_SET: KindRef = { group: 'apps', kind: 'ReplicaSet' };
const STORAGE_CLASS: KindRef = { group: 'storage.k8s.io', kind: 'StorageClass' };
const EVENT: KindRef = { group: '', kind: 'Event' };

/** Made by controllers for what stands in a namespace; nobody misses them when it goes. */
const GENERATED: ReadonlySet<string> = new Set([
  '/Event',
  '/Endpoints',
  'discovery.k8s.io/EndpointSlice',
  'events.k8s.io/Event',
]);

/** What is live, read from informers: one a kind, started when the kind is first asked for. */
export type LiveView = {
  /** Starts to follow these kinds, and waits until what they hold is known. */
  track(kinds: Iterable<KindRef>): Promise<void>;
  live(ref: ObjectRef): KubeObject | null;
  autoscalers(): readonly KubeObject[];
  /** Live objects of a namespace that are neither in `managed` (refKeys) nor made by a controller. */
  unmanagedIn(namespace: string, managed: ReadonlySet<string>): readonly ObjectRef[];
  healthContext(now: EpochMs): HealthContext;
  /** Whether a claim, live or only meant, gets its volume only once a pod uses it. */
  waitsForConsumer(claim: KubeObject): boolean;
  /** The newest events, newest first. */
  events(): readonly ReportedEvent[];
  /** Calls `listener` with the refKey of whatever changed. */
  onChange(listener: (key: string, kind: KindRef) => void): void;
};

export function liveView(schema: Schema, informers: Informers): LiveView {
  const tracked = new Map<string, KindRef>();
  /** Group → kind → what of it is live: every object of a source is looked up several times a pass. */
  const byKind = new Map<string, Map<string, Informer>>();
  const listeners: ((key: string, kind: KindRef) => void)[] = [];

  const track = async (kinds: Iterable<KindRef>): Promise<void> => {
    for (const { group, kind } of kinds) {
      const ofGroup = byKind.get(group) ?? new Map<string, Informer>();
      if (ofGroup.has(kind) || schema.kind({ group, kind }) === undefined) continue;
      const informer = informers.of({ group, kind });
      byKind.set(group, ofGroup.set(kind, informer));
      tracked.set(`${group}/${kind}`, { group, kind });
      informer.onChange(({ key }) => {
        for (const listener of listeners) listener(key, { group, kind });
      });
    }
    await informers.synced();
  };
  const podsOf = (object: KubeObject): readonly KubeObject[] => {
    const uid = object.metadata.uid ?? '';
    const own = informers.of(POD).ownedBy(uid);
    const ofSets = informers
      .of(REPLICA_SET)
      .ownedBy(uid)
      .flatMap((set) => informers.of(POD).ownedBy(set.metadata.uid ?? ''));
    return [...own, ...ofSets];
  };
  /** A Service that selects has its controller's; only where it selects nothing has somebody written them. */
  const slicesOf = ({ metadata, spec }: KubeObject): readonly KubeObject[] => {
    const selects = isObject(spec) && isObject(spec.selector);
    const slices = informers.of(SLICE);
    return selects ? slices.ownedBy(metadata.uid ?? '') : slices.inNamespace(metadata.namespace ?? '');
  };
  const waits = (claim: KubeObject): boolean =>
    waitsForConsumer(claim, informers.of(STORAGE_CLASS).objects.values());
  return {
    track,
    waitsForConsumer: waits,
    live: (ref) => byKind.get(ref.group)?.get(ref.kind)?.get(ref) ?? null,
    autoscalers: () => [...informers.of(HPA).objects.values()],
    unmanagedIn(namespace, managed) {
      const found: ObjectRef[] = [];
      for (const [name, kind] of tracked) {
        if (GENERATED.has(name)) continue;
        for (const object of informers.of(kind).inNamespace(namespace)) {
          const ref = refOf(object);
          if (!managed.has(refKey(ref)) && !isGenerated(object)) found.push(ref);
        }
      }
      return found.sort((a, b) => (refKey(a) < refKey(b) ? -1 : 1));
    },
    healthContext: (now) => ({
      now,
      podsOf,
      readyEndpoints: (service) => readyEndpoints(slicesOf(service), service),
      runs: (object) => schema.kindOf(object.apiVersion, object.kind)?.runs ?? false,
      waitsForConsumer: waits,
      custom: (object) => schema.kindOf(object.apiVersion, object.kind)?.custom !== undefined,
    }),
    events: () => newestEvents(informers.of<Event>(EVENT).objects.values()),
    onChange: (listener) => void listeners.push(listener),
  };
}

function isGenerated(object: KubeObject): boolean {
  if (object.metadata.ownerReferences?.some((owner) => owner.controller) === true) return true;
  const core = groupOf(object.apiVersion) === '';
  if (core && object.kind === 'ServiceAccount') return object.metadata.name === 'default';
  return core && object.kind === 'ConfigMap' && object.metadata.name === 'kube-root-ca.crt';
}

function readyEndpoints(slices: readonly KubeObject[], service: KubeObject): number {
  let ready = 0;
  for (const slice of slices) {
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== service.metadata.name) continue;
    for (const endpoint of isArray(slice.endpoints) ? slice.endpoints : []) {
      const conditions = isObject(endpoint) ? endpoint.conditions : undefined;
      if (isObject(conditions) && conditions.ready === true) ready += 1;
    }
  }
  return ready;
}

function newestEvents(events: Iterable<Event>): readonly ReportedEvent[] {
  const at = (event: Event): string =>
    event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '';
  // Of tens of thousands that live an hour a few are told, at every pass.
  const newest: Event[] = [];
  for (const event of events) {
    const last = newest.at(-1);
    if (newest.length >= limits.reportedEventsMax && last !== undefined && at(event) <= at(last)) continue;
    newest.splice(
      firstIndex(newest.length, (index) => at(newest[index] ?? event) < at(event)),
      0,
      event,
    );
    if (newest.length > limits.reportedEventsMax) newest.pop();
  }
  return newest.map((event) => {
    const { kind = '', namespace = '', name = '' } = event.involvedObject;
    return {
      at: at(event),
      type: event.type ?? 'Normal',
      reason: event.reason ?? '',
      object: namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`,
      message: event.message ?? '',
      count: event.count ?? 1,
    };
  });
}

import { type EpochMs, fromRfc3339, secondMs } from '../../base/clock.ts';
import type { KubeObject } from '../../schema/object.ts';
import { isPodTerminal } from '../../schema/pod-conditions.ts';
import { podLimits, podRequests, type ResourceAmounts, readAmounts } from '../../schema/pod-resources.ts';
import { type Quantity, quantityOf } from '../../schema/quantity.ts';
import type { Kind } from '../../schema/schema.ts';
import type { PersistentVolumeClaim, Pod, Service } from '../../schema/types.gen.ts';

/** Kinds that have a name of their own beside `count/…`. Source: quota core evaluators. */
const COUNTED_BY_NAME: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

const amount = (count: number): Quantity => ({ nanos: BigInt(count) * 10n ** 9n, format: 'DecimalSI' });

/** `count/pods`, `count/deployments.apps`. */
export function countName({ group, plural }: Pick<Kind, 'group' | 'plural'>): string {
  return group === '' ? `count/${plural}` : `count/${plural}.${group}`;
}

/** All that one object takes of any quota, by the names quotas have for it. Source: quota evaluators of core, and the generic one. */
export function objectUsage(kind: Kind, object: KubeObject, now: EpochMs): ResourceAmounts {
  const usage = new Map<string, Quantity>([[countName(kind), amount(1)]]);
  if (kind.group !== '') return usage;
  if (COUNTED_BY_NAME.has(kind.plural)) usage.set(kind.plural, amount(1));
  switch (kind.kind) {
    case 'Pod':
      // One that has ended takes only its place in the count.
      if (isCharged(object as Pod, now))
        for (const [name, used] of podUsage(object as Pod)) usage.set(name, used);
      return usage;
    case 'Service':
      for (const [name, used] of serviceUsage(object as Service)) usage.set(name, used);
      return usage;
    case 'PersistentVolumeClaim':
      for (const [name, used] of claimUsage(object as PersistentVolumeClaim)) usage.set(name, used);
      return usage;
    default:
      return usage;
  }
}

/** Source: QuotaV1Pod: what has ended, or should have by now, is not charged. */
function isCharged(pod: Pod, now: EpochMs): boolean {
  if (isPodTerminal(pod)) return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true;
  return now < (fromRfc3339(deletionTimestamp) ?? now) + deletionGracePeriodSeconds * secondMs;
}

function podUsage(pod: Pod): ResourceAmounts {
  const usage = new Map<string, Quantity>([['pods', amount(1)]]);
  for (const [name, requested] of podRequests(pod)) {
    if (/^(cpu|memory|ephemeral-storage|hugepages-.*)$/.test(name)) usage.set(name, requested);
    usage.set(`requests.${name}`, requested);
  }
  for (const [name, limit] of podLimits(pod)) usage.set(`limits.${name}`, limit);
  return usage;
}

function serviceUsage({ spec }: Service): ResourceAmounts {
  const ports = spec?.ports ?? [];
  const nodePorts =
    spec?.type === 'NodePort' ||
    (spec?.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
      ? ports.length
      : spec?.type === 'LoadBalancer'
        ? ports.filter(({ nodePort = 0 }) => nodePort !== 0).length
        : 0;
  return new Map([
    ['services.nodeports', amount(nodePorts)],
    ['services.loadbalancers', amount(spec?.type === 'LoadBalancer' ? 1 : 0)],
  ]);
}

function claimUsage({ metadata, spec }: PersistentVolumeClaim): ResourceAmounts {
  const storage = readAmounts(spec?.resources?.requests).get('storage') ?? quantityOf(0);
  const storageClass =
    spec?.storageClassName ?? metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? '';
  const usage = new Map<string, Quantity>();
  const ofClass = `${storageClass}.storageclass.storage.k8s.io/`;
  if (storageClass !== '') usage.set(`${ofClass}persistentvolumeclaims`, amount(1));
  if (storage === null) return usage;
  usage.set('requests.storage', storage);
  if (storageClass !== '') usage.set(`${ofClass}requests.storage`, storage);
  return usage;
}

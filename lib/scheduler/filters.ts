import { matchesRequiredAffinity } from '../schema/node-affinity.ts';
import { podRequests } from '../schema/pod-resources.ts';
import { addQuantities, compareQuantities, quantityToBytes } from '../schema/quantity.ts';
import { findUntolerated } from '../schema/taints.ts';
import type { Pod, Taint } from '../schema/types.gen.ts';
import { type HostPort, hostPortsOf, type NodeLoad } from './node-load.ts';

/** Why a node cannot take a pod, in Kubernetes' words; empty: it can. */
type Filter = (pod: Pod, load: NodeLoad) => readonly string[];

const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

const unschedulable: Filter = (pod, { node }) => {
  if (node.spec.unschedulable !== true) return [];
  return findUntolerated(pod.spec.tolerations, [UNSCHEDULABLE]) === undefined
    ? []
    : ['node(s) were unschedulable'];
};

const taints: Filter = (pod, { node }) => {
  const strict = (node.spec.taints ?? []).filter(
    ({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute',
  );
  const taint = findUntolerated(pod.spec.tolerations, strict);
  return taint === undefined ? [] : [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`];
};

const affinity: Filter = (pod, { node }) =>
  matchesRequiredAffinity(pod, node) ? [] : ["node(s) didn't match Pod's node affinity/selector"];

const hostPorts: Filter = (pod, load) =>
  hostPortsOf(pod).some((wanted) => load.hostPorts.some((taken) => collides(wanted, taken)))
    ? ["node(s) didn't have free ports for the requested pod ports"]
    : [];

function collides(a: HostPort, b: HostPort): boolean {
  const sameIp = a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0';
  return a.port === b.port && a.protocol === b.protocol && sameIp;
}

/** Every resource that is short is named. A resource the node does not have is one it has none of. */
const fit: Filter = (pod, { allocatable, requested, pods }) => {
  const slots = allocatable.get('pods');
  const tooMany = slots !== undefined && pods + 1 > quantityToBytes(slots) ? ['Too many pods'] : [];
  const short = [...podRequests(pod)].filter(([name, wanted]) => {
    if (wanted.nanos === 0n) return false;
    const taken = requested.get(name);
    const total = taken === undefined ? wanted : addQuantities(taken, wanted);
    const has = allocatable.get(name);
    return has === undefined || compareQuantities(total, has) > 0;
  });
  return [...tooMany, ...short.map(([name]) => `Insufficient ${name}`)];
};

/** In Kubernetes' order; the first that refuses a node gives the reasons. */
const FILTERS: readonly Filter[] = [unschedulable, taints, affinity, hostPorts, fit];

/** Why the node cannot take the pod; empty: it can. Volumes, topology spread and pod affinity are not looked at. */
export function refusals(pod: Pod, load: NodeLoad): readonly string[] {
  for (const filter of FILTERS) {
    const reasons = filter(pod, load);
    if (reasons.length > 0) return reasons;
  }
  return [];
}

import type { JsonObject } from '../../base/json.ts';
import { containersText, labelsText, NONE, orElse, selectorText } from './cell-text.ts';
import { AGE, type Column, type ColumnsByKind, integer, NAME, text, wide } from './column.ts';
import { itemsAt, memberAt, numberAt, textAt } from './member-at.ts';
import { podSummary } from './pod-status.ts';

const templateSpec = (object: JsonObject) => memberAt(object, 'spec', 'template', 'spec');

export const CONTAINERS: Column = wide(
  text('Containers', (object) => containersText(templateSpec(object), 'name')),
);
export const IMAGES: Column = wide(text('Images', (object) => containersText(templateSpec(object), 'image')));
export const SELECTOR: Column = wide(
  text('Selector', (object) => selectorText(memberAt(object, 'spec', 'selector'))),
);

const status = (name: string, ...path: readonly string[]): Column =>
  integer(name, (object) => numberAt(object, 'status', ...path));
const spec = (name: string, ...path: readonly string[]): Column =>
  integer(name, (object) => numberAt(object, 'spec', ...path));
const readyOf = (object: JsonObject): string =>
  `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`;

function podIp(pod: JsonObject): string {
  return textAt(itemsAt(pod, 'status', 'podIPs')[0], 'ip') || textAt(pod, 'status', 'podIP') || NONE;
}

function readinessGates(pod: JsonObject): string {
  const gates = itemsAt(pod, 'spec', 'readinessGates');
  if (gates.length === 0) return NONE;
  const conditions = itemsAt(pod, 'status', 'conditions');
  const met = gates.filter((gate) =>
    conditions.some(({ type, status }) => type === gate.conditionType && status === 'True'),
  );
  return `${met.length}/${gates.length}`;
}

function controllerText(object: JsonObject): string {
  const owner = itemsAt(object, 'metadata', 'ownerReferences').find(({ controller }) => controller === true);
  if (owner === undefined) return NONE;
  const group = textAt(owner, 'apiVersion').split('/').at(-2);
  return `${textAt(owner, 'kind').toLowerCase()}${group === undefined ? '' : `.${group}`}/${textAt(owner, 'name')}`;
}

const replicaSet: readonly Column[] = [
  NAME,
  spec('Desired', 'replicas'),
  status('Current', 'replicas'),
  status('Ready', 'readyReplicas'),
  AGE,
  CONTAINERS,
  IMAGES,
];

export const workloadColumns: ColumnsByKind = {
  '/Pod': [
    NAME,
    text('Ready', (pod, now) => podSummary(pod, now).ready),
    text('Status', (pod, now) => podSummary(pod, now).status),
    text('Restarts', (pod, now) => podSummary(pod, now).restarts),
    AGE,
    wide(text('IP', podIp)),
    wide(text('Node', orElse(NONE, 'spec', 'nodeName'))),
    wide(text('Nominated Node', orElse(NONE, 'status', 'nominatedNodeName'))),
    wide(text('Readiness Gates', readinessGates)),
  ],
  '/PodTemplate': [
    NAME,
    text('Containers', (object) => containersText(memberAt(object, 'template', 'spec'), 'name')),
    text('Images', (object) => containersText(memberAt(object, 'template', 'spec'), 'image')),
    text('Pod Labels', (object) => labelsText(memberAt(object, 'template', 'metadata', 'labels'))),
  ],
  '/ReplicationController': [
    ...replicaSet,
    wide(text('Selector', (object) => labelsText(memberAt(object, 'spec', 'selector')))),
  ],
  'apps/ReplicaSet': [...replicaSet, SELECTOR],
  'apps/Deployment': [
    NAME,
    text('Ready', readyOf),
    status('Up-to-date', 'updatedReplicas'),
    status('Available', 'availableReplicas'),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  'apps/StatefulSet': [NAME, text('Ready', readyOf), AGE, CONTAINERS, IMAGES],
  'apps/DaemonSet': [
    NAME,
    status('Desired', 'desiredNumberScheduled'),
    status('Current', 'currentNumberScheduled'),
    status('Ready', 'numberReady'),
    status('Up-to-date', 'updatedNumberScheduled'),
    status('Available', 'numberAvailable'),
    text('Node Selector', (object) => labelsText(memberAt(templateSpec(object), 'nodeSelector'))),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  'apps/ControllerRevision': [
    NAME,
    text('Controller', controllerText),
    integer('Revision', (object) => numberAt(object, 'revision')),
    AGE,
  ],
  'autoscaling/Scale': [NAME, spec('Desired', 'replicas'), status('Available', 'replicas'), AGE],
};

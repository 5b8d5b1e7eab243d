import { isObject, type JsonObject } from '../../base/json.ts';
import { NONE, orElse } from './cell-text.ts';
import { AGE, type Column, type ColumnsByKind, CREATED_AT, integer, NAME, text, wide } from './column.ts';
import { since } from './human-duration.ts';
import { countAt, itemsAt, memberAt, numberAt, textAt } from './member-at.ts';

function nodeStatus(node: JsonObject): string {
  const ready = itemsAt(node, 'status', 'conditions').find(({ type }) => type === 'Ready');
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return memberAt(node, 'spec', 'unschedulable') === true ? `${word},SchedulingDisabled` : word;
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function nodeRoles(node: JsonObject): string {
  const labels = memberAt(node, 'metadata', 'labels');
  const keys = Object.keys(isObject(labels) ? labels : {});
  const named = keys.filter((key) => key.startsWith(ROLE_PREFIX)).map((key) => key.slice(ROLE_PREFIX.length));
  const roles = [...named, textAt(labels, 'kubernetes.io/role')].filter((role) => role !== '');
  return [...new Set(roles)].sort().join(',') || NONE;
}

function nodeAddress(wanted: string): (node: JsonObject) => string {
  return (node) => {
    const found = itemsAt(node, 'status', 'addresses').find(({ type }) => type === wanted);
    return textAt(found, 'address') || NONE;
  };
}

const nodeInfo = (name: string, field: string): Column =>
  wide(text(name, orElse('<unknown>', 'status', 'nodeInfo', field)));

function eventTime(event: JsonObject, which: 'first' | 'last', now: number): string {
  const first =
    textAt(event, 'firstTimestamp') ||
    textAt(event, 'deprecatedFirstTimestamp') ||
    textAt(event, 'eventTime');
  if (which === 'first') return since(first, now);
  const last = textAt(event, 'lastTimestamp') || textAt(event, 'deprecatedLastTimestamp') || first;
  return since(textAt(event, 'series', 'lastObservedTime') || last, now);
}

/** What an event is about: `regarding` in events.k8s.io. */
const about = (event: JsonObject) => memberAt(event, 'involvedObject') ?? memberAt(event, 'regarding');

function eventObject(event: JsonObject): string {
  const kind = textAt(about(event), 'kind').toLowerCase();
  const name = textAt(about(event), 'name');
  return name === '' ? kind : `${kind}/${name}`;
}

function eventSource(event: JsonObject): string {
  const source = memberAt(event, 'source') ?? memberAt(event, 'deprecatedSource');
  const component =
    textAt(source, 'component') ||
    textAt(event, 'reportingComponent') ||
    textAt(event, 'reportingController');
  const host = textAt(source, 'host') || textAt(event, 'reportingInstance');
  return host === '' ? component : `${component}, ${host}`;
}

function eventCount(event: JsonObject): number {
  const count = numberAt(event, 'count') || numberAt(event, 'deprecatedCount') || 1;
  return memberAt(event, 'series') === undefined ? count : numberAt(event, 'series', 'count');
}

const event: readonly Column[] = [
  text('Last Seen', (object, now) => eventTime(object, 'last', now)),
  text('Type', (object) => textAt(object, 'type')),
  text('Reason', (object) => textAt(object, 'reason')),
  text('Object', eventObject),
  wide(text('Subobject', (object) => textAt(about(object), 'fieldPath'))),
  wide(text('Source', eventSource)),
  text('Message', (object) => (textAt(object, 'message') || textAt(object, 'note')).trim()),
  wide(text('First Seen', (object, now) => eventTime(object, 'first', now))),
  wide(integer('Count', eventCount)),
  wide({ ...NAME }),
];

/** Used and allowed, of limits or of everything else: `cpu: 1/2, pods: 3/10`. */
function quotaText(limits: boolean): (quota: JsonObject) => string {
  return (quota) => {
    const hard = memberAt(quota, 'status', 'hard') ?? memberAt(quota, 'spec', 'hard');
    return Object.keys(isObject(hard) ? hard : {})
      .filter((name) => name.startsWith('limits.') === limits)
      .sort()
      .map((name) => `${name}: ${textAt(quota, 'status', 'used', name) || '0'}/${textAt(hard, name)}`)
      .join(', ');
  };
}

function componentCondition(field: 'message' | 'error'): (object: JsonObject) => string {
  return (object) =>
    textAt(
      itemsAt(object, 'conditions').find(({ type }) => type === 'Healthy'),
      field,
    );
}

function componentStatus(object: JsonObject): string {
  const status = textAt(
    itemsAt(object, 'conditions').find(({ type }) => type === 'Healthy'),
    'status',
  );
  return status === 'True' ? 'Healthy' : status === 'False' ? 'Unhealthy' : 'Unknown';
}

export const coreColumns: ColumnsByKind = {
  '/ConfigMap': [
    NAME,
    integer('Data', (object) => countAt(object, 'data') + countAt(object, 'binaryData')),
    AGE,
  ],
  '/Secret': [
    NAME,
    text('Type', (object) => textAt(object, 'type')),
    integer('Data', (object) => countAt(object, 'data')),
    AGE,
  ],
  '/ServiceAccount': [NAME, integer('Secrets', (object) => countAt(object, 'secrets')), AGE],
  '/Namespace': [NAME, text('Status', (object) => textAt(object, 'status', 'phase')), AGE],
  '/Node': [
    NAME,
    text('Status', nodeStatus),
    text('Roles', nodeRoles),
    AGE,
    text('Version', (object) => textAt(object, 'status', 'nodeInfo', 'kubeletVersion')),
    wide(text('Internal-IP', nodeAddress('InternalIP'))),
    wide(text('External-IP', nodeAddress('ExternalIP'))),
    nodeInfo('OS-Image', 'osImage'),
    nodeInfo('Kernel-Version', 'kernelVersion'),
    nodeInfo('Container-Runtime', 'containerRuntimeVersion'),
  ],
  '/Event': event,
  'events.k8s.io/Event': event,
  '/LimitRange': [NAME, CREATED_AT],
  '/ResourceQuota': [NAME, AGE, text('Request', quotaText(false)), text('Limit', quotaText(true))],
  '/ComponentStatus': [
    NAME,
    text('Status', componentStatus),
    text('Message', componentCondition('message')),
    text('Error', componentCondition('error')),
  ],
};

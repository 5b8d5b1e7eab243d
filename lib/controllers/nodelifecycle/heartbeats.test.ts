import test from 'ava';
import { toRfc3339, toRfc3339Micro } from '../../base/clock.ts';
import type { Lease, Node } from '../../schema/types.gen.ts';
import { heartbeats } from './heartbeats.ts';

const START = Date.UTC(2026, 0, 5, 12);
const after = (seconds: number): number => START + seconds * 1000;
const node = (ready = 'True'): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'a', creationTimestamp: toRfc3339(START) },
  spec: {},
  status: { conditions: [{ type: 'Ready', status: ready, lastHeartbeatTime: toRfc3339(START) }] },
});
const lease = (seconds: number): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'a' },
  spec: { renewTime: toRfc3339Micro(after(seconds)) },
});

test('a node is lost fifty seconds after its lease was last seen to change', (t) => {
  const heard = heartbeats();
  t.is(heard.lostAtMs(node(), lease(0), after(1)), after(51));
  t.is(heard.lostAtMs(node(), lease(0), after(20)), after(51), 'nothing new was heard');
  t.is(heard.lostAtMs(node(), lease(10), after(21)), after(71));
  t.is(heard.lostAtMs(node(), lease(10), after(71)), after(71), 'it is lost now');
  t.is(heard.lostAtMs(node('Unknown'), lease(10), after(900)), after(71), 'and stays so');
  t.is(heard.lostAtMs(node('Unknown'), lease(901), after(901)), after(951), 'until it is heard of');
});

test('its own clock counts for nothing', (t) => {
  t.is(heartbeats().lostAtMs(node(), lease(-86_400), after(0)), after(50));
});

test('a status that it writes is a heartbeat, too', (t) => {
  const heard = heartbeats();
  heard.lostAtMs(node(), undefined, after(0));
  const { status, ...rest } = node();
  const again = {
    ...rest,
    status: {
      ...status,
      conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: toRfc3339(after(9)) }],
    },
  };
  t.is(heard.lostAtMs(again, undefined, after(10)), after(60));
});

test('one that never told anything has a minute from when it was made', (t) => {
  const { status: _, ...silent } = node();
  const heard = heartbeats();
  t.is(heard.lostAtMs(silent, undefined, after(5)), after(60));
  t.is(heard.lostAtMs(silent, undefined, after(60)), after(60));
});

test('who slept past the time to look gives every node its time anew', (t) => {
  const heard = heartbeats();
  heard.lostAtMs(node(), lease(0), after(0));
  t.is(heard.lostAtMs(node(), lease(0), after(3600)), after(3650));
});

import test from 'ava';
import { type ContainerTraces, judge } from './container-state.ts';

const keeper = { pid: 10, startTicks: 1, bootId: 'b' };
const container = { pid: 11, startTicks: 2, bootId: 'b' };
const nothing: ContainerTraces = { keeper: null, container: null, startedAtMs: 0, exit: null, failed: null };
const started: ContainerTraces = { ...nothing, keeper, container, startedAtMs: 500 };

type Case = {
  readonly traces: ContainerTraces;
  readonly alive: readonly number[];
  readonly expected: object;
};
const cases: Readonly<Record<string, Case>> = {
  'an empty directory: nothing was started': { traces: nothing, alive: [], expected: { kind: 'unstarted' } },
  'a keeper has the lock: it is starting': {
    traces: { ...nothing, keeper },
    alive: [10],
    expected: { kind: 'starting' },
  },
  'a keeper had the lock and died: lost': {
    traces: { ...nothing, keeper },
    alive: [],
    expected: { kind: 'lost', container: null },
  },
  'both live: running': {
    traces: started,
    alive: [10, 11],
    expected: { kind: 'running', state: { phase: 'running', pid: 11, startedAtMs: 500 } },
  },
  'the keeper died, the container lives: running': {
    traces: started,
    alive: [11],
    expected: { kind: 'running' },
  },
  'the container is gone, its keeper about to say so: running still': {
    traces: started,
    alive: [10],
    expected: { kind: 'running' },
  },
  'both are gone and nothing is written: lost': {
    traces: started,
    alive: [],
    expected: { kind: 'lost', container },
  },
  'an exit code is the end, whoever lives': {
    traces: { ...started, exit: { text: '3', atMs: 900 } },
    alive: [10, 11],
    expected: { kind: 'settled', state: { phase: 'exited', exitCode: 3, signal: null, finishedAtMs: 900 } },
  },
  'a code above 128 is a signal': {
    traces: { ...started, exit: { text: '143', atMs: 900 } },
    alive: [],
    expected: { state: { exitCode: 143, signal: 15 } },
  },
  'a code no signal has is only a code': {
    traces: { ...started, exit: { text: '255', atMs: 900 } },
    alive: [],
    expected: { state: { exitCode: 255, signal: null } },
  },
  'an end nobody saw has no code': {
    traces: { ...started, exit: { text: '?', atMs: 900 } },
    alive: [],
    expected: { state: { phase: 'exited', exitCode: null, signal: null, startedAtMs: 500 } },
  },
  'it never ends before it starts': {
    traces: { ...started, exit: { text: '0', atMs: 400 } },
    alive: [],
    expected: { state: { startedAtMs: 500, finishedAtMs: 500 } },
  },
  'what could not be started says why': {
    traces: { ...nothing, failed: { text: 'no such file', atMs: 900 } },
    alive: [],
    expected: { kind: 'settled', state: { phase: 'failed', message: 'no such file', atMs: 900 } },
  },
};

for (const [title, { traces, alive, expected }] of Object.entries(cases)) {
  test(title, (t) =>
    t.like(
      judge(traces, ({ pid }) => alive.includes(pid)),
      expected,
    ),
  );
}

import test from 'ava';
import type { Simulation } from './simulate-rollout.ts';
import { simulationJson } from './simulation-json.ts';
import { simulationText, spanText } from './simulation-text.ts';

const web = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' } as const;
const whole: Simulation = {
  outcome: 'completes',
  revision: '8f7c',
  durationMs: 62_000,
  steps: [{ atMs: 0, workload: web, kind: 'healthy' }],
  availability: [{ workload: web, wanted: 3, before: 3, lowest: 2, lowestAtMs: 1_500 }],
  stops: [],
  spentBudgets: [],
  bound: null,
};
const textOf = (simulation: Simulation): string =>
  simulationText(simulation, { colour: false, from: 'live' });

const spans: readonly (readonly [number, string])[] = [
  [0, '0s'],
  [240, '0.2s'],
  [14_400, '14s'],
  [125_000, '2m5s'],
  [3_660_000, '1h1m'],
];
for (const [ms, text] of spans) test(`${ms} ms read ${text}`, (t) => t.is(spanText(ms), text));

test('assumptions are told once, then steps, what was ready, and how it ends', (t) => {
  const text = textOf(whole);
  t.is(text.split('images exist').length, 2);
  t.regex(text, /\+0s +Deployment shop\/web healthy\n/);
  t.regex(text, /Deployment shop\/web 2 of 3 at \+1\.5s\nIt is done in 1m2s\.\n$/);
});

test('where it stops it says where, when and why, and what becomes of it', (t) => {
  const stop = { object: web, atMs: 3_000, reason: 'Unschedulable', message: '0/1 nodes', takenBack: true };
  const text = textOf({ ...whole, outcome: 'stops', stops: [stop] });
  t.regex(
    text,
    /It stops:\n {2}Deployment shop\/web at \+3s: Unschedulable: 0\/1 nodes; it is taken back to what was good\n$/,
  );
});

test('a bound that was met is told, and so is a budget that is spent', (t) => {
  const budget = { group: 'policy', kind: 'PodDisruptionBudget', namespace: 'shop', name: 'web' };
  const text = textOf({ ...whole, outcome: 'bound-met', bound: 'time', spentBudgets: [budget] });
  t.regex(text, /PodDisruptionBudget shop\/web allows no eviction/);
  t.regex(text, /no more than 6h0m/);
});

test('control characters of a message do not reach the terminal', (t) => {
  const stop = { object: web, atMs: 0, reason: 'Failed', message: 'a\u001b[31mb', takenBack: false };
  t.false(textOf({ ...whole, outcome: 'stops', stops: [stop] }).includes('\u001b'));
});

test('for programs every object is named by group, kind, namespace and name', (t) => {
  t.deepEqual(simulationJson(whole), {
    outcome: 'completes',
    durationMs: 62_000,
    bound: null,
    steps: [{ atMs: 0, kind: 'healthy', workload: web }],
    availability: [{ ...web, wanted: 3, before: 3, lowest: 2, lowestAtMs: 1_500 }],
    stops: [],
    spentBudgets: [],
  });
});

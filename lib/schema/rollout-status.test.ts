import test from 'ava';
import { readCases } from '../testing/case-file.ts';
import { rolloutStatus } from './rollout-status.ts';
import type { Deployment, StatefulSet } from './types.gen.ts';

type Input = {
  readonly kind: string;
  readonly name: string;
  readonly generation: number;
  readonly specReplicas: number | null;
  readonly strategy: { readonly type: string } | null;
  readonly status: Readonly<Record<string, number>>;
};
type Text = string | { readonly $call: string; readonly args: readonly [string, ...number[]] };
type Expected = { readonly message: Text; readonly done: boolean; readonly error: boolean };

function textOf(message: Text): string {
  if (typeof message === 'string') return message;
  const [format, ...numbers] = message.args;
  return numbers.reduce((text, number) => text.replace('%d', String(number)), format);
}

/** Upstream's row says `done`, its test does not look, and its program says what the message says: it waits. */
const CONTRADICTING = 'partition update is in progress if all pods above the partition have not been updated';

for (const [at, { name, input, expected }] of readCases<Input, Expected>('rollout-status').entries()) {
  test(`case ${at}: ${input.kind} ${name}`, (t) => {
    const workload = {
      apiVersion: 'apps/v1',
      kind: input.kind,
      metadata: { name: input.name, generation: input.generation },
      spec: {
        ...(input.specReplicas === null ? {} : { replicas: input.specReplicas }),
        ...(input.strategy === null ? {} : { updateStrategy: input.strategy }),
        selector: {},
        serviceName: '',
        template: { metadata: { name: '' }, spec: { containers: [] } },
      },
      status: { replicas: 0, ...input.status },
    };
    const status = rolloutStatus(workload);
    if (expected.error) return t.is(status.state, 'failed');
    t.is(status.message, textOf(expected.message));
    t.is(status.state === 'done', expected.done && name !== CONTRADICTING);
  });
}

const deployment = (status: NonNullable<Deployment['status']>): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', generation: 2 },
  spec: { replicas: 3, selector: {}, template: { spec: { containers: [] } } },
  status: { observedGeneration: 2, ...status },
});

const states: Readonly<
  Record<string, { status: NonNullable<Deployment['status']>; state: 'done' | 'waiting' | 'failed' }>
> = {
  'not seen yet': { status: { observedGeneration: 1 }, state: 'waiting' },
  'new replicas missing': {
    status: { replicas: 3, updatedReplicas: 2, availableReplicas: 3 },
    state: 'waiting',
  },
  'old replicas left': {
    status: { replicas: 4, updatedReplicas: 3, availableReplicas: 4 },
    state: 'waiting',
  },
  'not all available': {
    status: { replicas: 3, updatedReplicas: 3, availableReplicas: 2 },
    state: 'waiting',
  },
  'all there': { status: { replicas: 3, updatedReplicas: 3, availableReplicas: 3 }, state: 'done' },
  'past its deadline': {
    status: { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] },
    state: 'failed',
  },
};
for (const [title, { status, state }] of Object.entries(states))
  test(`Deployment: ${title} is ${state}`, (t) => t.is(rolloutStatus(deployment(status)).state, state));

test('StatefulSet: two revisions wait, one is done', (t) => {
  const statefulSet = (currentRevision: string): StatefulSet => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', generation: 1 },
    spec: { replicas: 1, selector: {}, serviceName: 'db', template: { spec: { containers: [] } } },
    status: { observedGeneration: 1, replicas: 1, readyReplicas: 1, updateRevision: 'b', currentRevision },
  });
  t.is(rolloutStatus(statefulSet('a')).state, 'waiting');
  t.is(rolloutStatus(statefulSet('b')).state, 'done');
});

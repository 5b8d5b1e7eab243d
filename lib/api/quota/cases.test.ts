import test from 'ava';
import { builtinSchema } from '../../schema/builtin-schema.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Container, Pod } from '../../schema/types.gen.ts';
import { readCases } from '../../testing/case-file.ts';
import { mustSpecify } from './must-specify.ts';
import { objectUsage } from './object-usage.ts';
import { written } from './quota-status.ts';

type GivenContainer = {
  readonly name: string;
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
};
type Input = {
  readonly pod: {
    readonly containers?: readonly GivenContainer[];
    readonly initContainers?: readonly GivenContainer[];
  };
  readonly requiredResources?: readonly string[];
};
type Expected = { readonly error?: string; readonly usage?: Readonly<Record<string, string>> };

const kind = builtinSchema().kind({ group: '', kind: 'Pod' });
const containersOf = (given: readonly GivenContainer[] = []): readonly Container[] =>
  given.map(({ name, requests, limits }) => ({ name, resources: { requests, limits } }));

for (const [at, { name, input, expected }] of readCases<Input, Expected>('resourcequota').entries()) {
  test(`case ${at}: ${name}`, (t) => {
    const pod: Pod & KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pod' },
      spec: {
        containers: containersOf(input.pod.containers),
        initContainers: containersOf(input.pod.initContainers),
      },
    };
    if (expected.error !== undefined)
      t.is(mustSpecify(pod, new Set(input.requiredResources)), expected.error);
    else if (kind === undefined) t.fail();
    else t.deepEqual(written(objectUsage(kind, pod, 0)), expected.usage);
  });
}

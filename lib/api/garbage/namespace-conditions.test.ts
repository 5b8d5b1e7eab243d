import test from 'ava';
import { deletionConditions } from './namespace-conditions.ts';

const told = (
  instances: readonly (readonly [string, number])[],
  finalizers: readonly (readonly [string, number])[],
) =>
  Object.fromEntries(
    (
      deletionConditions(undefined, { instances: new Map(instances), finalizers: new Map(finalizers) }, 0) ??
      []
    ).map(({ type, status, reason, message }) => [type, [status, reason, message]]),
  );

test('a namespace on its way out says what it still holds, and what holds that', (t) => {
  const said = told(
    [
      ['pods.', 2],
      ['deployments.apps', 1],
    ],
    [['x/hold', 1]],
  );
  t.deepEqual(said.NamespaceContentRemaining, [
    'True',
    'SomeResourcesRemain',
    'Some resources are remaining: deployments.apps has 1 resource instances, pods. has 2 resource instances',
  ]);
  t.deepEqual(said.NamespaceFinalizersRemaining, [
    'True',
    'SomeFinalizersRemain',
    'Some content in the namespace has finalizers remaining: x/hold in 1 resource instances',
  ]);
  t.deepEqual(said.NamespaceDeletionContentFailure?.[0], 'False');
});

test('what is said already is not written again', (t) => {
  const remaining = { instances: new Map([['pods.', 1]]), finalizers: new Map<string, number>() };
  const first = deletionConditions(undefined, remaining, 0);
  t.is(deletionConditions(first, remaining, 5_000), first);
});

import test from 'ava';
import { assertNever } from '../../base/errors.ts';
import { builtinSchema } from '../../schema/builtin-schema.ts';
import type { KubeObject } from '../../schema/object.ts';
import { decideGarbage } from './decide-garbage.ts';
import { ownershipGraph } from './ownership-graph.ts';

type Made = {
  readonly name: string;
  readonly kind?: string;
  readonly namespace?: string;
  /** Names of owners; `!name` blocks the owner's deletion. */
  readonly owners?: readonly string[];
  readonly finalizers?: readonly string[];
  readonly deleting?: boolean;
};

function object({
  name,
  kind = 'ConfigMap',
  namespace = 'a',
  owners = [],
  finalizers,
  deleting,
}: Made): KubeObject {
  return {
    apiVersion: kind === 'Stranger' ? 'x/v1' : 'v1',
    kind,
    metadata: {
      name,
      uid: `uid-${name}`,
      resourceVersion: '1',
      ...(kind !== 'Node' && { namespace }),
      ...(finalizers && { finalizers }),
      ...(deleting && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      ownerReferences: owners.map((owner) => {
        const [, blocks, ownerKind = 'ConfigMap', ownerName = ''] = /^(!?)(?:(\w+):)?(.*)$/.exec(owner) ?? [];
        return {
          apiVersion: ownerKind === 'Stranger' ? 'x/v1' : 'v1',
          kind: ownerKind,
          name: ownerName,
          uid: `uid-${ownerName}`,
          ...(blocks && { blockOwnerDeletion: true }),
        };
      }),
    },
  };
}

const foregroundGoing = { finalizers: ['foregroundDeletion'], deleting: true };

const table: readonly {
  readonly title: string;
  readonly objects: readonly Made[];
  /** The name of the object decided on. */
  readonly of: string;
  readonly expected: readonly string[];
}[] = [
  { title: 'without owners it stays', objects: [{ name: 'x' }], of: 'x', expected: [] },
  {
    title: 'with a living owner it stays',
    objects: [{ name: 'o' }, { name: 'x', owners: ['o'] }],
    of: 'x',
    expected: [],
  },
  {
    title: 'with all owners absent it is deleted',
    objects: [{ name: 'x', owners: ['gone', 'lost'] }],
    of: 'x',
    expected: ['delete Background absent gone,lost'],
  },
  {
    title: 'with one living owner it only loses the dead ones',
    objects: [{ name: 'o' }, { name: 'x', owners: ['gone', 'o'] }],
    of: 'x',
    expected: ['drop gone'],
  },
  {
    title: 'an owner in another namespace is absent',
    objects: [
      { name: 'o', namespace: 'b' },
      { name: 'x', owners: ['o'] },
    ],
    of: 'x',
    expected: ['delete Background absent o'],
  },
  {
    title: 'an owner without a namespace may own in any',
    objects: [
      { name: 'n', kind: 'Node' },
      { name: 'x', owners: ['Node:n'] },
    ],
    of: 'x',
    expected: [],
  },
  {
    title: 'an owner of a kind nobody knows is not judged',
    objects: [{ name: 'x', owners: ['Stranger:s'] }],
    of: 'x',
    expected: [],
  },
  {
    title: 'a namespaced owner of an object without a namespace is not judged',
    objects: [{ name: 'x', kind: 'Node', owners: ['gone'] }],
    of: 'x',
    expected: [],
  },
  {
    title: 'an owner that goes in the background is still there while others hold it',
    objects: [
      { name: 'o', deleting: true, finalizers: ['x/y'] },
      { name: 'x', owners: ['o'] },
    ],
    of: 'x',
    expected: [],
  },
  {
    title: 'an owner that waits for its dependents takes them along',
    objects: [
      { name: 'o', ...foregroundGoing },
      { name: 'x', owners: ['!o'] },
    ],
    of: 'x',
    expected: ['delete Background absent '],
  },
  {
    title: 'and those that have dependents wait for theirs in turn',
    objects: [
      { name: 'o', ...foregroundGoing },
      { name: 'x', owners: ['!o'] },
      { name: 'y', owners: ['x'] },
    ],
    of: 'x',
    expected: ['delete Foreground absent '],
  },
  {
    title: 'a circle of owners does not wait for itself',
    objects: [
      { name: 'o', owners: ['!x'], ...foregroundGoing },
      { name: 'x', owners: ['!o'] },
    ],
    of: 'x',
    expected: ['unblock', 'delete Foreground absent '],
  },
  {
    title: 'the owner that waits is held by a dependent that blocks',
    objects: [
      { name: 'o', ...foregroundGoing },
      { name: 'x', owners: ['!o'] },
    ],
    of: 'o',
    expected: [],
  },
  {
    title: 'and let go when only others are left',
    objects: [
      { name: 'o', ...foregroundGoing },
      { name: 'x', owners: ['o'] },
    ],
    of: 'o',
    expected: ['remove foregroundDeletion'],
  },
  {
    title: 'an orphaning owner first loses its dependents',
    objects: [
      { name: 'o', finalizers: ['orphan'], deleting: true },
      { name: 'x', owners: ['o'] },
    ],
    of: 'o',
    expected: ['drop o from x'],
  },
  {
    title: 'then itself',
    objects: [{ name: 'o', finalizers: ['orphan', 'x/y'], deleting: true }, { name: 'x' }],
    of: 'o',
    expected: ['remove orphan'],
  },
  {
    title: 'what is being deleted already is not deleted again',
    objects: [{ name: 'x', owners: ['gone'], deleting: true, finalizers: ['x/y'] }],
    of: 'x',
    expected: [],
  },
];

for (const { title, objects, of, expected } of table) {
  test(title, (t) => {
    const graph = ownershipGraph();
    for (const made of objects) graph.change(undefined, object(made));
    const node = graph.node(`uid-${of}`);
    const name = (uid: string): string => uid.slice('uid-'.length);
    const shown = (node === undefined ? [] : decideGarbage(graph, builtinSchema(), node)).map((action) => {
      const elsewhere = action.node.uid === node?.uid ? '' : ` from ${action.node.ref.name}`;
      switch (action.type) {
        case 'delete':
          return `delete ${action.propagation} absent ${action.absent.map((owner) => owner.name).join(',')}`;
        case 'drop-owners':
          return `drop ${action.uids.map(name).join(',')}${elsewhere}`;
        case 'remove-finalizer':
          return `remove ${action.finalizer}`;
        case 'unblock-owners':
          return 'unblock';
        default:
          return assertNever(action);
      }
    });
    t.deepEqual(shown, expected);
  });
}

test('a change names everyone whose fate it may decide', (t) => {
  const graph = ownershipGraph();
  const owner = object({ name: 'o' });
  const child = object({ name: 'x', owners: ['o'] });
  graph.change(undefined, child);
  t.deepEqual([...graph.change(undefined, owner)].sort(), ['uid-o', 'uid-x']);
  t.deepEqual([...graph.change(owner, undefined)].sort(), ['uid-o', 'uid-x']);
  t.deepEqual([...graph.change(child, undefined)].sort(), ['uid-o', 'uid-x']);
  t.deepEqual(graph.uids(), []);
});

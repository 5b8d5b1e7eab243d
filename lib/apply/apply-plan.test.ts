import test from 'ava';
import { ApiError } from '../api/api-error.ts';
import type { Caller, Client } from '../api/client.ts';
import { WorldError } from '../base/errors.ts';
import type { ApplyReport } from '../plan/apply-report.ts';
import { decidePlan, type PlanInput } from '../plan/decide-plan.ts';
import { type InventoryRow, inventoryKind, inventoryRow } from '../plan/inventory.ts';
import type { Plan } from '../plan/plan.ts';
import { emptySourceState, type SourceState, sourceRef, sourceState } from '../plan/source-state.ts';
import { type KubeObject, type ObjectRef, refKey } from '../schema/object.ts';
import { localApi } from '../testing/local-api.ts';
import { manifestSet } from '../testing/plan-bench.ts';
import { applyPlan } from './apply-plan.ts';

const caller: Caller = { user: 'pintle', groups: ['system:masters'], fieldManager: 'pintle' };
const configMap = (name: string, value = 'one', namespace = 'default'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}}\ndata: {key: ${value}}\n`;
const nodePort = (name: string, port: number): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: ${port}}]}\n`;
const ref = (name: string, kind = 'ConfigMap'): ObjectRef => ({
  group: '',
  kind,
  namespace: 'default',
  name,
});

type Answer = (operation: { readonly op: string; readonly name: string }) => void;

/** A source on a real API: plans are made from what is live, and the mirror of the inventory is kept as the daemon keeps it. */
class Source {
  readonly client: Client;
  readonly calls: string[] = [];
  inventory: ReadonlyMap<string, InventoryRow> = new Map();
  state: SourceState = emptySourceState({ name: 'main', location: '/repo', branch: 'main', path: '' });
  stateExists = false;
  readonly #inner: Client;

  /** `answer` may throw in the place of the API, once the call is made. */
  constructor(inner: Client, options: { readonly transactional: boolean; readonly answer?: Answer }) {
    this.#inner = inner;
    const told = <T>(op: string, name: string, call: () => Promise<T>): Promise<T> => {
      this.calls.push(`${op} ${name}`);
      options.answer?.({ op, name });
      return call();
    };
    this.client = {
      ...inner,
      transactional: options.transactional,
      create: (object, by) => told('create', object.metadata.name, () => inner.create(object, by)),
      update: (object, by, how) => told('update', object.metadata.name, () => inner.update(object, by, how)),
      patch: (of, patch, by, how) => told('patch', of.name, () => inner.patch(of, patch, by, how)),
      delete: (of, how, by) => told('delete', of.name, () => inner.delete(of, how, by)),
      transact: (operations, by) =>
        told('transact', String(by.dryRun ?? false), () => inner.transact(operations, by)),
    };
  }

  async plan(files: Readonly<Record<string, string>>, overrides: Partial<PlanInput> = {}): Promise<Plan> {
    const desired = manifestSet(files);
    const live = new Map<string, KubeObject | null>();
    const refs = [
      ...desired.objects.map((object) => object.ref),
      ...[...this.inventory.values()].map((row) => row.ref),
    ];
    for (const each of refs) {
      live.set(refKey(each), await this.#inner.get(each, caller));
      const namespace: ObjectRef = { group: '', kind: 'Namespace', namespace: '', name: each.namespace };
      if (each.namespace !== '') live.set(refKey(namespace), await this.#inner.get(namespace, caller));
    }
    return decidePlan({
      ...{ schema: this.#inner.schema, source: 'main', revision: 'r1', desired, inventory: this.inventory },
      ...{
        live: (of: ObjectRef) => live.get(refKey(of)) ?? null,
        liveAutoscalers: [],
        unmanagedIn: () => [],
      },
      ...{
        holds: [],
        approvals: new Set<string>(),
        passedGuard: new Set<string>(),
        refused: new Map<string, string>(),
      },
      ...{ backedOff: new Set<string>(), memory: null, ...overrides },
    }).plan;
  }

  async apply(
    plan: Plan,
    state: SourceState | null = { ...this.state, revision: plan.revision },
  ): Promise<ApplyReport> {
    const { client, inventory, stateExists } = this;
    const report = await applyPlan({ client, caller, plan, inventory, state, stateExists });
    const rows = new Map(this.inventory);
    for (const row of report.written.rows) rows.set(refKey(row.ref), row);
    for (const of of report.written.droppedRows) rows.delete(refKey(of));
    this.inventory = rows;
    if (report.recorded && state !== null) {
      this.state = state;
      this.stateExists = true;
    }
    return report;
  }

  async commit(files: Readonly<Record<string, string>>): Promise<ApplyReport> {
    return this.apply(await this.plan(files));
  }

  async data(name: string): Promise<unknown> {
    return (await this.#inner.get(ref(name), caller))?.data;
  }

  /** The inventory as it is stored, which the mirror must equal. */
  async storedRows(): Promise<readonly string[]> {
    const { items } = await this.#inner.list(inventoryKind, {}, caller);
    return items.flatMap((object) => inventoryRow(object)?.ref.name ?? []).sort();
  }

  mirroredRows(): readonly string[] {
    return [...this.inventory.values()].map((row) => row.ref.name).sort();
  }

  async storedRevision(): Promise<string | null | undefined> {
    const object = await this.#inner.get(sourceRef('main'), caller);
    return object === null ? undefined : sourceState(object)?.revision;
  }
}

for (const transactional of [true, false]) {
  const title = transactional ? 'with transactions' : 'without transactions';

  test(`${title}: objects, inventory and state are written; a second time there is nothing to do`, async (t) => {
    const { client } = await localApi();
    const source = new Source(client, { transactional });
    const report = await source.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
    t.is(report.outcome, 'applied');
    t.deepEqual(
      report.done.map(({ action, ref: { name } }) => `${action} ${name}`),
      ['create a', 'create b'],
    );
    t.deepEqual(await source.storedRows(), ['a', 'b']);
    t.is(await source.storedRevision(), 'r1');
    const again = await source.apply(
      await source.plan({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') }),
      null,
    );
    t.is(again.outcome, 'unchanged');
    await source.commit({ 'a.yaml': configMap('a', 'two') });
    t.deepEqual([await source.data('a'), await source.data('b')], [{ key: 'two' }, undefined]);
    t.deepEqual(await source.storedRows(), source.mirroredRows());
  });

  test(`${title}: live that moved under the plan is a conflict, and the next plan goes through`, async (t) => {
    const { client } = await localApi();
    const source = new Source(client, { transactional });
    const files = { 'a.yaml': configMap('a', 'two'), 'b.yaml': configMap('b') };
    await source.commit({ 'a.yaml': configMap('a') });
    const plan = await source.plan(files);
    await client.patch(ref('a'), { type: 'merge', patch: { data: { more: 'x' } } }, caller);
    t.is((await source.apply(plan)).outcome, 'conflict');
    t.deepEqual(
      await source.data('b'),
      transactional ? undefined : { key: 'one' },
      'all or nothing, where that can be',
    );
    t.deepEqual(await source.storedRows(), source.mirroredRows());
    t.is((await source.commit(files)).outcome, 'applied');
    t.deepEqual(
      [await source.data('a'), await source.data('b')],
      [{ key: 'two', more: 'x' }, { key: 'one' }],
    );
    t.deepEqual(await source.storedRows(), ['a', 'b']);
  });

  test(`${title}: every object that the API refuses is told at once, and keeps the base it had`, async (t) => {
    const { client } = await localApi();
    const source = new Source(client, { transactional });
    await client.create(
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'other', namespace: 'default' },
        spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] },
      },
      caller,
    );
    const files = {
      'a.yaml': configMap('a'),
      'b.yaml': configMap('b', 'one', 'nowhere'),
      'c.yaml': nodePort('taken', 30_080),
      'd.yaml': configMap('d'),
    };
    const report = await source.commit(files);
    t.is(report.outcome, 'refused');
    t.deepEqual(report.refused.map(({ ref: { name } }) => name).sort(), ['b', 'taken']);
    for (const { detail } of report.refused) t.not(detail, '');
    const refused = new Map(report.refused.map((block) => [refKey(block.ref), block.detail]));
    t.is((await source.apply(await source.plan(files, { refused }))).outcome, 'applied');
    t.deepEqual(await source.storedRows(), ['a', 'd']);
    t.deepEqual(source.mirroredRows(), ['a', 'd']);
  });

  test(`${title}: what is pruned gives free what is created`, async (t) => {
    const { client } = await localApi();
    const source = new Source(client, { transactional });
    await source.commit({ 'a.yaml': nodePort('old', 30_080), 'b.yaml': configMap('b') });
    const report = await source.commit({ 'a.yaml': nodePort('new', 30_080), 'b.yaml': configMap('b') });
    t.is(report.outcome, 'applied');
    t.is(await client.get(ref('old', 'Service'), caller), null);
  });

  test(`${title}: a plan of one refused object says which it was`, async (t) => {
    const { client } = await localApi();
    const source = new Source(client, { transactional });
    const { changes } = await source.plan({ 'b.yaml': configMap('b', 'one', 'nowhere') });
    const plan: Plan = { ...(await source.plan({})), revision: 'r1', changes, rows: [], droppedRows: [] };
    const report = await source.apply(plan, null);
    t.deepEqual(
      report.refused.map(({ ref: { name } }) => name),
      ['b'],
    );
  });

  test(`${title}: a namespace may come with its default ServiceAccount`, async (t) => {
    const { client } = await localApi();
    const source = new Source(client, { transactional });
    const files = {
      'n.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
      's.yaml':
        'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: shop}\nautomountServiceAccountToken: false\n',
    };
    t.is((await source.commit(files)).outcome, 'applied');
    t.is((await source.commit(files)).outcome, 'applied');
    const account = await client.get(
      { group: '', kind: 'ServiceAccount', namespace: 'shop', name: 'default' },
      caller,
    );
    t.is(account?.automountServiceAccountToken, false);
  });
}

test('with transactions a commit is one call', async (t) => {
  const { client } = await localApi();
  const source = new Source(client, { transactional: true });
  await source.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  t.deepEqual(source.calls, ['transact false']);
});

test('without transactions the record comes first and the inventory last', async (t) => {
  const { client } = await localApi();
  const source = new Source(client, { transactional: false });
  await source.commit({ 'a.yaml': configMap('a') });
  const [first, second, third] = source.calls;
  t.deepEqual([first, second], ['create main', 'create a']);
  t.regex(third ?? '', /^create main\.[0-9a-f]+$/);
});

test('without transactions: a world that fails in between leaves the record, and no row that is not so', async (t) => {
  const { client } = await localApi();
  let down = true;
  const answer: Answer = ({ name }) => {
    if (down && name === 'b') throw new WorldError('DOWN', 'the cluster is gone');
  };
  const source = new Source(client, { transactional: false, answer });
  const files = { 'a.yaml': configMap('a'), 'b.yaml': configMap('b'), 'c.yaml': configMap('c') };
  const report = await source.commit(files);
  t.is(report.outcome, 'interrupted');
  t.true(report.interruptedBy instanceof WorldError);
  t.deepEqual([source.mirroredRows(), await source.storedRows()], [[], []]);
  t.is(await source.storedRevision(), 'r1');
  t.is(await source.data('c'), undefined, 'nothing is tried after it');
  down = false;
  t.is((await source.commit(files)).outcome, 'applied');
  t.deepEqual(await source.storedRows(), ['a', 'b', 'c']);
});

test('with transactions: a failure of the world is thrown, whatever its form', async (t) => {
  const { client } = await localApi();
  for (const failure of [new WorldError('DISK_FULL', 'full'), new ApiError('InternalError', 'broken')]) {
    const answer: Answer = () => {
      throw failure;
    };
    const source = new Source(client, { transactional: true, answer });
    await t.throwsAsync(source.commit({ 'a.yaml': configMap('a') }), { is: failure });
  }
});

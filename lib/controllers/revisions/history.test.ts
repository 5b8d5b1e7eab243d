import test from 'ava';
import type { ControllerRevision, DaemonSet, PodTemplateSpec } from '../../schema/types.gen.ts';
import {
  type History,
  historyOf,
  REVISION_HASH_LABEL,
  revisionHashOf,
  revisionsToDelete,
} from './history.ts';
import { templateOf } from './revision-data.ts';

const template = (image: string): PodTemplateSpec => ({
  metadata: { name: '', labels: { app: 'log' } },
  spec: { containers: [{ name: 'log', image }] },
});
const owner = (annotations: Readonly<Record<string, string>> = {}): DaemonSet => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'log', namespace: 'default', uid: 'ds', annotations },
  spec: { selector: { matchLabels: { app: 'log' } }, template: template('one') },
});
const historyFor = (
  image: string,
  candidates: readonly ControllerRevision[] = [],
  isNameTaken: (name: string) => boolean = () => false,
): History =>
  historyOf({
    owner: owner({ 'kubernetes.io/change-cause': image }),
    selector: owner().spec.selector,
    template: template(image),
    collisionCount: undefined,
    candidates,
    isNameTaken,
  });
const told = ({ actions }: History): readonly string[] =>
  actions.map(({ do: what, revision }) => `${what} ${revision.revision}`);

const one = historyFor('one').update;
const two = historyFor('two', [one]).update;

test('the first template is revision 1, and says all that rollout history shows', (t) => {
  t.deepEqual(told(historyFor('one')), ['create-revision 1']);
  t.is(one.metadata.name, `log-${revisionHashOf(one)}`);
  t.deepEqual(one.metadata.labels, { app: 'log', [REVISION_HASH_LABEL]: revisionHashOf(one) });
  t.is(one.metadata.annotations?.['kubernetes.io/change-cause'], 'one');
  t.deepEqual(templateOf(one), template('one'));
});

test('the same template has the same revision, and nothing is written', (t) => {
  const history = historyFor('one', [one]);
  t.deepEqual(told(history), []);
  t.is(history.update, one);
});

test('another template is the next revision', (t) => {
  const history = historyFor('two', [one]);
  t.deepEqual(told(history), ['create-revision 2']);
  t.deepEqual(history.old, [one]);
});

test('going back gives the old revision the highest number', (t) => {
  const history = historyFor('one', [one, two]);
  t.deepEqual(told(history), ['number-revision 3']);
  t.is(history.update.metadata.name, one.metadata.name);
  t.deepEqual(history.old, [two]);
});

test('a revision that nobody has is adopted when it matches', (t) => {
  const { ownerReferences: _owners, ...metadata } = one.metadata;
  t.deepEqual(told(historyFor('one', [{ ...one, metadata }])), ['adopt-revision 1']);
});

test('a name that is taken gives another hash, and counts', (t) => {
  const history = historyFor('one', [], (name) => name === one.metadata.name);
  t.not(revisionHashOf(history.update), revisionHashOf(one));
  t.is(history.collisionCount, 1);
});

test('beyond the limit the oldest are forgotten, but none that pods are of', (t) => {
  const old = [1, 2, 3, 4].map((revision) => ({
    ...one,
    metadata: { ...one.metadata, name: `log-${revision}` },
    revision,
  }));
  const spent = (limit: number | undefined, live: readonly string[]): readonly string[] =>
    revisionsToDelete(old, limit, ({ metadata }) => live.includes(metadata.name)).map(
      ({ revision }) => revision.metadata.name,
    );
  t.deepEqual(spent(2, []), ['log-1', 'log-2']);
  t.deepEqual(spent(2, ['log-1']), ['log-2', 'log-3']);
  t.deepEqual(spent(undefined, []), []);
  t.deepEqual(spent(0, ['log-4']), ['log-1', 'log-2', 'log-3']);
});

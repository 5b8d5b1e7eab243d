import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { trailerOf } from '../git/commit-message.ts';
import type { ComponentHold } from '../plan/hold.ts';
import type { KubeObject } from '../schema/object.ts';
import { ReportBench } from '../testing/report-bench.ts';
import { statusCommitMessage, statusTrailers } from './commit-message.ts';
import { objectFile, objectPath } from './files.ts';
import { statusReadme } from './readme.ts';
import { decideStatusChange, healthChanges, type StatusChange, statusTreeOf } from './status-commit.ts';
import { fullStatusJson, statusJson } from './status-json.ts';

/** `GOLDEN=write ava lib/status/status-commit.test.ts` writes what is expected anew; read the difference before committing it. */
const WRITE = process.env.GOLDEN === 'write';
const fixtures = join(import.meta.dirname, '../../fixtures/status');

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: host}]}
`;
const secret =
  'apiVersion: v1\nkind: Secret\nmetadata: {name: api, namespace: shop}\nstringData: {token: hunter2-hunter2}\n';
const files = { 'deploy/web.yaml': deployment, 'deploy/api.yaml': secret };
const web = 'apps/Deployment/shop/web';

function filesOf(change: StatusChange | null) {
  return [...(change?.files ?? [])];
}

function shop(): ReportBench {
  const bench = new ReportBench();
  bench.commit(files);
  bench.rollOut();
  return bench;
}

const withStatus =
  (status: Readonly<Record<string, number>>) =>
  (object: KubeObject): KubeObject => ({
    ...object,
    status: { ...(object.status as object), ...status },
  });

test('the first commit of a branch holds every file; equal reports make none', (t) => {
  const report = shop().reportOf(files);
  const change = decideStatusChange(report, null);
  t.deepEqual(
    filesOf(change)
      .map(({ path }) => path)
      .sort(),
    ['README.md', 'objects/shop/Deployment.apps/web.yaml', 'objects/shop/Secret/api.yaml', 'status.json'],
  );
  t.is(decideStatusChange({ ...report, atMs: report.atMs + 1 }, change?.tree ?? null), null);
});

test('counters and times that change all the while make no commit', (t) => {
  const bench = shop();
  const before = statusTreeOf(bench.reportOf(files));
  bench.change(web, withStatus({ readyReplicas: 2, collisionCount: 3 }));
  const later = bench.reportOf(files, {
    now: Date.UTC(2026, 5, 5),
    events: [{ at: 'x', type: 'Normal', reason: 'Pulled', object: 'Pod a', message: '', count: 7 }],
  });
  t.is(statusTreeOf(later).digest, before.digest);
});

const transitions: Readonly<Record<string, (bench: ReportBench) => ReturnType<ReportBench['reportOf']>>> = {
  health: (bench) => {
    bench.change(web, withStatus({ availableReplicas: 1 }));
    return bench.reportOf(files);
  },
  'the reason of health': (bench) => {
    bench.change(web, (object) => ({
      ...object,
      metadata: { ...object.metadata, deletionTimestamp: '2026-01-05T00:00:00Z' },
    }));
    return bench.reportOf(files);
  },
  presence: (bench) => {
    bench.live.delete(web);
    return bench.reportOf(files);
  },
  'the generation': (bench) => {
    bench.change(web, (object) => ({ ...object, metadata: { ...object.metadata, generation: 7 } }));
    return bench.reportOf(files);
  },
  'the file': (bench) => {
    const moved = { 'deploy/moved.yaml': deployment, 'deploy/api.yaml': secret };
    bench.commit(moved);
    return bench.reportOf(moved);
  },
  sync: (bench) =>
    bench.reportOf({ ...files, 'deploy/web.yaml': deployment.replace('replicas: 2', 'replicas: many') }),
  'the head': (bench) => bench.reportOf(files, { head: 'another' }),
  'the revision': (bench) => bench.reportOf(files, { revision: null }),
  'a deletion that waits': (bench) => bench.reportOf({}),
};
for (const [what, after] of Object.entries(transitions)) {
  test(`a commit is worth: ${what}`, (t) => {
    const bench = shop();
    const before = statusTreeOf(bench.reportOf(files));
    const change = decideStatusChange(after(bench), before);
    t.not(change, null);
    t.true(filesOf(change).some(({ path }) => path === 'status.json'));
  });
}

test('a commit writes the files of what changed and no other, and removes those of what is gone', (t) => {
  const bench = shop();
  const before = statusTreeOf(bench.reportOf(files));
  const left = { 'deploy/web.yaml': deployment.replace('replicas: 2', 'replicas: 3') };
  bench.commit(left);
  const change = decideStatusChange(bench.reportOf(left), before);
  t.deepEqual(
    filesOf(change).map(({ path, text }) => `${text === null ? 'removes' : 'writes'} ${path}`),
    [
      'writes README.md',
      'writes status.json',
      'writes objects/shop/Deployment.apps/web.yaml',
      'removes objects/shop/Secret/api.yaml',
    ],
  );
});

test('paths of objects are theirs alone, and safe, whatever their names', (t) => {
  const text = fc.string({
    unit: fc.constantFrom('a', ':', '%', '/', '.', '-', 'A'),
    minLength: 1,
    maxLength: 6,
  });
  const ref = fc.record({
    group: fc.constantFrom('', 'apps'),
    kind: fc.constantFrom('Role', 'Rolebinding'),
    namespace: fc.constantFrom('', 'shop'),
    name: text,
  });
  fc.assert(
    fc.property(ref, ref, (a, b) => {
      t.is(objectPath(a) === objectPath(b), JSON.stringify(a) === JSON.stringify(b));
      t.regex(objectPath(a), /^objects\/[^/]+\/[^/]+\/[^/]+\.yaml$/);
    }),
  );
});

test('no file of a status commit holds what a Secret holds', (t) => {
  const report = shop().reportOf(files);
  const written = filesOf(decideStatusChange(report, null));
  const all = JSON.stringify([written, fullStatusJson(report)]);
  for (const value of ['hunter2', Buffer.from('hunter2-hunter2').toString('base64')])
    t.false(all.includes(value));
  const shown = load(written.find(({ path }) => path.includes('Secret'))?.text ?? '') as KubeObject;
  t.deepEqual(shown.data, { token: '<20 characters hidden>' });
});

test('the file of an object is the object, with how it stands above it', (t) => {
  const [status] = shop()
    .reportOf(files)
    .objects.filter(({ ref }) => ref.kind === 'Deployment');
  t.assert(status !== undefined);
  if (status === undefined) return;
  const text = objectFile(status);
  t.regex(text, /^# sync: Synced\n/);
  t.like(load(text), { kind: 'Deployment', spec: { replicas: 2 } });
  t.regex(objectFile({ ...status, live: null }), /^(# .*\n)+$/);
});

test('the message says what changed, and its trailers what machines want to know', (t) => {
  const bench = shop();
  bench.change(web, withStatus({ availableReplicas: 0 }));
  const report = bench.reportOf(files);
  const message = statusCommitMessage({ report, changed: report.objects, instance: 'i-1', digest: 'd-1' });
  t.is(message.split('\n')[0], 'Progressing: 1 of 2');
  t.true(message.includes('Deployment shop/web is Progressing (RollingOut)'));
  t.deepEqual(
    Object.values(statusTrailers).map((key) => trailerOf(message, key)),
    ['commit-1', 'Synced', 'Progressing', 'i-1', 'd-1'],
  );
});

test('a long list of changes is counted', (t) => {
  const bench = new ReportBench();
  const many = Object.fromEntries(
    Array.from({ length: 9 }, (_, at) => [
      `${at}.yaml`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${at}}\n`,
    ]),
  );
  bench.commit(many);
  const report = bench.reportOf(many);
  const message = statusCommitMessage({ report, changed: report.objects, instance: 'i', digest: 'd' });
  t.true(message.includes('and 4 more'));
});

test('status.json has the summary and what is noteworthy; the full form has every object', (t) => {
  const bench = shop();
  bench.change(web, withStatus({ availableReplicas: 1 }));
  const report = bench.reportOf(files);
  const names = (json: { readonly [key: string]: unknown }) =>
    (json.objects as { readonly name: string }[]).map(({ name }) => name);
  t.deepEqual(names(statusJson(report)), ['web']);
  t.deepEqual(names(fullStatusJson(report)), ['api', 'web']);
  t.like(statusJson(report), {
    format: 1,
    revision: 'commit-1',
    sync: 'Synced',
    health: 'Progressing',
    total: 2,
  });
});

test('changes of health between two reports, and all of them at first', (t) => {
  const bench = shop();
  const before = bench.reportOf(files);
  bench.change(web, withStatus({ availableReplicas: 1 }));
  const after = bench.reportOf(files);
  t.is(healthChanges(null, before).length, 2);
  t.deepEqual(
    healthChanges(before, after).map(({ ref }) => ref.name),
    ['web'],
  );
});

/** Something of everything. */
function troubledShop() {
  const bench = new ReportBench();
  bench.commit({ ...files, 'deploy/old.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old}\n' });
  bench.change(web, withStatus({ availableReplicas: 0 }));
  const cause = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };
  const hold: ComponentHold = {
    ...{
      refs: [cause],
      failedDigest: '',
      failedRevision: '2222222222222',
      goodRevisions: ['1111111111111'],
      cause,
    },
    ...{ evidence: 'it has not progressed;\npod web-1: back-off', sinceMs: 0, mode: 'hold' },
  };
  const broken = {
    'deploy/web.yaml': deployment.replace('image: host', 'imagee: host'),
    'deploy/api.yaml': secret,
    'deploy/x.yaml': 'kind: [',
  };
  return bench.reportOf(broken, {
    holds: [hold, { ...hold, mode: 'report' }],
    head: '3333333333333',
    revision: '2222222222222',
  });
}

const readmes = {
  healthy: () => shop().reportOf(files, { head: '1111111111111', revision: '1111111111111' }),
  troubled: troubledShop,
  'nothing-yet': () => new ReportBench().reportOf(null, { head: null }),
  'deletions-wait': () => shop().reportOf({}),
};
for (const [name, report] of Object.entries(readmes)) {
  test(`fixtures/status/${name}.md`, (t) => {
    // What a rule says may get better without a report changing.
    const text = statusReadme(report()).replace(/(:\d+:\d+:? (?:[a-z-]+: )?)(?!\d).*$/gm, '$1…');
    const expected = join(fixtures, `${name}.md`);
    if (WRITE) writeFileSync(expected, text);
    t.is(text, readFileSync(expected, 'utf8'));
  });
}

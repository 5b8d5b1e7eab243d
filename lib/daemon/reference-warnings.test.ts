import test from 'ava';
import { limits } from '../base/limits.ts';
import type { ManifestSet } from '../manifests/manifest-set.ts';
import { readManifests } from '../manifests/read-manifests.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import type { ObjectRef } from '../schema/object.ts';
import { referenceWarnings } from './reference-warnings.ts';

const schema = builtinSchema();
const pod = (name: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers: [{name: c, image: host, envFrom: [{configMapRef: {name: settings}}]}]\n`;
const setOf = (pods: number): ManifestSet => {
  const texts = Array.from({ length: pods }, (_, at) => pod(`pod-${at}`));
  const files = texts.map((text, at) => ({ path: `${at}.yaml`, blob: `${at}`, bytes: Buffer.from(text) }));
  return readManifests(files, { schema, defaultNamespace: 'default', allowHostAccess: false });
};
const namespaceIsLive = ({ kind }: ObjectRef): boolean => kind === 'Namespace';

test('A small set is looked over at once, and only once; every finding is a warning with its place.', (t) => {
  const warnings = referenceWarnings({ schema, isLive: namespaceIsLive, onKnown: () => t.fail() });
  const set = setOf(2);
  const found = warnings.of(set);
  t.deepEqual(
    found.map(({ file, ruleId, severity, position }) => [file, ruleId, severity, position.line]),
    [
      ['0.yaml', 'missing-reference', 'warning', 5],
      ['1.yaml', 'missing-reference', 'warning', 5],
    ],
  );
  t.true(warnings.idle());
  t.is(warnings.of(set)[0], found[0]);
});

test('What has come to live is missing no more, without another look.', (t) => {
  let live = false;
  const isLive = (ref: ObjectRef): boolean => live || namespaceIsLive(ref);
  const warnings = referenceWarnings({ schema, isLive, onKnown: () => t.fail() });
  const set = setOf(1);
  t.is(warnings.of(set).length, 1);
  live = true;
  t.deepEqual(warnings.of(set), []);
});

test('A large set is looked over in turns, and whoever asks is told when its warnings are known.', async (t) => {
  const set = setOf(limits.referenceStepsPerTurn * 2);
  const known = Promise.withResolvers<void>();
  const warnings = referenceWarnings({ schema, isLive: namespaceIsLive, onKnown: known.resolve });
  t.deepEqual(warnings.of(set), []);
  t.false(warnings.idle());
  await known.promise;
  t.true(warnings.idle());
  const found = warnings.of(set);
  t.is(found.length, limits.referenceWarningsMax + 1);
  t.regex(found.at(-1)?.message ?? '', /^\d+ more/);
});

test('A set that another has followed is given up.', async (t) => {
  let told = 0;
  const warnings = referenceWarnings({ schema, isLive: namespaceIsLive, onKnown: () => (told += 1) });
  warnings.of(setOf(limits.referenceStepsPerTurn * 2));
  t.is(warnings.of(setOf(1)).length, 1);
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  t.is(told, 0);
  t.true(warnings.idle());
});

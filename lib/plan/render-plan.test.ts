import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { PlanBench } from '../testing/plan-bench.ts';
import { planAnswer } from './plan-json.ts';
import { renderPlan } from './render-plan.ts';

/** `GOLDEN=write ava lib/plan/render-plan.test.ts` writes what is expected anew; read the difference before committing it. */
const WRITE = process.env.GOLDEN === 'write';
const root = join(import.meta.dirname, '../../fixtures/plan');
const schema = builtinSchema();

function filesIn(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  );
}

/** What a rule says may get better without a plan changing. */
function withoutProse(text: string): string {
  return text.replace(/^( {2}\S+:\d+:\d+: error [a-z-]+: ).*$/gm, '$1…');
}

/** The plan of `after`, where `before` was applied and has proven good. */
function planOf(name: string) {
  const bench = new PlanBench();
  bench.commit(filesIn(join(root, name, 'before')));
  bench.markGood();
  return bench.plan(filesIn(join(root, name, 'after'))).plan;
}

for (const name of readdirSync(root).sort()) {
  test(`fixtures/plan/${name}`, (t) => {
    const plan = planOf(name);
    const text = renderPlan(plan, { schema, colour: false });
    const expected = join(root, name, 'expected.txt');
    if (WRITE) writeFileSync(expected, withoutProse(text));
    t.is(withoutProse(text), readFileSync(expected, 'utf8'));
    const coloured = renderPlan(plan, { schema, colour: true });
    t.is(stripVTControlCharacters(coloured), text, 'colour changes nothing but colour');
    if (plan.changes.length > 0) t.not(coloured, text);
  });
}

test('no form of a plan shows what a Secret holds, before or after', (t) => {
  const forms = JSON.stringify(planAnswer(planOf('a-secret-changes'), schema));
  for (const value of ['hunter2', 'correct-horse', 'battery-staple', 'lovelace']) {
    t.false(forms.includes(value), value);
    t.false(forms.includes(Buffer.from(value).toString('base64').slice(0, 8)), value);
  }
});

test('control characters of manifests do not reach a terminal', (t) => {
  const bench = new PlanBench();
  const { plan } = bench.plan({
    'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "a\\e[31m"}\ndata: {a: "\\e[2J"}\n',
  });
  t.false(renderPlan(plan, { schema, colour: false }).includes('\u001b'));
});

import { readFileSync } from 'node:fs';
import test from 'ava';
import { generateTypes, readFacts } from './generate-types.ts';

test('types.gen.ts is what facts.json gives', (t) => {
  const committed = readFileSync(new URL('./types.gen.ts', import.meta.url), 'utf8');
  t.true(committed === generateTypes(readFacts()), 'run `npm run generate`');
});

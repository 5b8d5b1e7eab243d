import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { readCases } from './case-file.ts';

const root = join(import.meta.dirname, '..', '..');
const areas = readdirSync(join(root, 'fixtures', 'cases'))
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''));
const tests = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => readFileSync(join(root, 'lib', path), 'utf8'));

test('every area of cases has rows, and a test that reads them', (t) => {
  t.true(areas.length > 20);
  for (const area of areas) {
    t.true(readCases(area).length > 0, area);
    const read = tests.some((text) => /readCases/.test(text) && text.includes(`'${area}'`));
    t.true(read, `nothing reads ${area}`);
  }
});

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { validateCommand } from '../validate.ts';

/** `GOLDEN=write ava cmd/validate/golden.test.ts` writes what is expected anew; read the difference before committing it. */
const WRITE = process.env.GOLDEN === 'write';
const root = join(import.meta.dirname, '../../fixtures/validate');

type JsonProblem = {
  readonly ruleId: string;
  readonly severity: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn?: number;
  readonly field?: string;
  readonly suggestion?: string;
};

/** Codes and places, no prose: messages may get better without a fixture changing. */
function lineOf(problem: JsonProblem): string {
  const { file, line, column, endColumn, severity, ruleId, field, suggestion } = problem;
  const place = `${file}:${line}:${column}${endColumn === undefined ? '' : `-${endColumn}`}`;
  const parts = [place, severity, ruleId, ...(field === undefined ? [] : [field])];
  return [...parts, ...(suggestion === undefined ? [] : [`=> ${suggestion}`])].join(' ');
}

async function transcript(
  cwd: string,
  paths: readonly string[],
  options: readonly string[],
): Promise<string> {
  let out = '';
  let err = '';
  const exit = await validateCommand(
    paths,
    { repo: '.', output: 'json', allowHostAccess: options.includes('--allow-host-access') },
    {
      stdin: Readable.from([]),
      stdout: (text) => {
        out += text;
      },
      stderr: (text) => {
        err += text;
      },
      cwd,
      env: {},
      colour: false,
      columns: 80,
    },
  );
  const { problems, summary } = JSON.parse(out);
  const said = err === '' ? [] : ['stderr: nothing was validated'];
  return [...problems.map(lineOf), ...said, `objects ${summary.objects}, exit ${exit}`, ''].join('\n');
}

function compare(t: ExecutionContext, expected: string, actual: string): void {
  if (WRITE) writeFileSync(expected, actual);
  t.is(actual, readFileSync(expected, 'utf8'));
}

for (const name of readdirSync(root).sort()) {
  test(`fixtures/validate/${name}`, async (t) => {
    const directory = join(root, name);
    const argumentsFile = join(directory, 'arguments.txt');
    const options = existsSync(argumentsFile) ? readFileSync(argumentsFile, 'utf8').split('\n') : [];
    compare(t, join(directory, 'expected.txt'), await transcript(join(directory, 'in'), [], options));
  });
}

test('Manifests that people wrote elsewhere: each alone, as its names collide with others.', async (t) => {
  const seed = join(root, '../seed');
  const manifests = readdirSync(seed).filter((name) => name.endsWith('.yaml'));
  const transcripts: string[] = [];
  for (const name of manifests.sort()) transcripts.push(await transcript(seed, [name], []));
  compare(t, join(root, '../validate-seed.txt'), transcripts.join('\n'));
});

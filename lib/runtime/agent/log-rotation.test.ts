import { appendFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { limits } from '../../base/limits.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { finishRotation, rotateLog } from './log-rotation.ts';
import { logPaths, rotatedSegments } from './log-segments.ts';

/** Everything that was logged, oldest first. */
function content(directory: string): string {
  const paths = logPaths(directory, 'stdout');
  return [...rotatedSegments(directory, 'stdout').map(paths.segment), paths.current]
    .map((path) => readFileSync(path, 'utf8'))
    .join('');
}

test('a rotation keeps every byte, those that come while it copies too, and the newest files', async (t) => {
  const directory = await temporaryDirectory(t);
  const paths = logPaths(directory, 'stdout');
  let expected = '';
  const write = (text: string): void => {
    appendFileSync(paths.current, text);
    expected += text;
  };
  const thawed: number[] = [];
  for (let n = 1; n <= 3; n += 1) {
    write(`before ${n}\n`);
    const sizes: number[] = [];
    const freezer = { freeze: () => write(`last moment ${n}\n`), thaw: () => void thawed.push(n) };
    rotateLog(directory, 'stdout', { freezer, seen: (bytes) => void sizes.push(bytes) });
    t.deepEqual(sizes, [statSync(paths.segment(n)).size]);
    t.is(statSync(paths.current).size, 0);
  }
  write('after\n');
  t.is(content(directory), expected);
  t.deepEqual(thawed, [1, 2, 3]);
  for (let n = 4; n <= 9; n += 1) {
    write(`more ${n}\n`);
    rotateLog(directory, 'stdout', { freezer: { freeze: () => {}, thaw: () => {} }, seen: () => {} });
  }
  t.deepEqual(rotatedSegments(directory, 'stdout'), [6, 7, 8, 9]);
  t.is(rotatedSegments(directory, 'stdout').length + 1, limits.logFilesMax);
});

test('the container goes on when the disk is full in the middle', async (t) => {
  const directory = await temporaryDirectory(t);
  const paths = logPaths(directory, 'stdout');
  writeFileSync(paths.current, 'text\n');
  let thawed = false;
  const freezer = {
    freeze: () => {
      throw new Error('disk full');
    },
    thaw: () => {
      thawed = true;
    },
  };
  t.throws(() => rotateLog(directory, 'stdout', { freezer, seen: () => {} }));
  t.true(finishRotation(directory, 'stdout'));
  t.is(content(directory), 'text\n');
  t.false(thawed);
});

type Cut = {
  /** What lies there when the agent died. */
  readonly files: Readonly<Record<string, string>>;
  readonly expected: { readonly segments: readonly number[]; readonly content: string };
};
const cuts: Readonly<Record<string, Cut>> = {
  'while it copied': {
    files: { 'stdout.log': 'abc', 'stdout.next': 'ab' },
    expected: { segments: [], content: 'abc' },
  },
  'after it marked the rotation': {
    files: { 'stdout.log': 'abc', 'stdout.next': 'abc', 'stdout.rotating': '1' },
    expected: { segments: [], content: 'abc' },
  },
  'after the rename, before the truncation': {
    files: { 'stdout.log': 'abc', 'stdout.1.log': 'abc', 'stdout.rotating': '1', 'stdout.idx': '' },
    expected: { segments: [1], content: 'abc' },
  },
  'after the rename, and something came all the same': {
    files: { 'stdout.log': 'abcd', 'stdout.1.log': 'abc', 'stdout.rotating': '1' },
    expected: { segments: [1], content: 'abcd' },
  },
  'after the truncation': {
    files: { 'stdout.log': '', 'stdout.1.log': 'abc', 'stdout.rotating': '1' },
    expected: { segments: [1], content: 'abc' },
  },
  'before the container went on, which then wrote a lot': {
    files: { 'stdout.log': 'defghi', 'stdout.1.log': 'abc', 'stdout.rotating': '0' },
    expected: { segments: [1], content: 'abcdefghi' },
  },
};

for (const [title, { files, expected }] of Object.entries(cuts)) {
  test(`a rotation that was cut off ${title} loses nothing and doubles nothing`, async (t) => {
    const directory = await temporaryDirectory(t);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    t.is(finishRotation(directory, 'stdout'), 'stdout.rotating' in files);
    t.deepEqual(rotatedSegments(directory, 'stdout'), expected.segments);
    t.is(content(directory), expected.content);
    t.false(existsSync(join(directory, 'stdout.rotating')));
    t.false(finishRotation(directory, 'stdout'));
  });
}

test('a log that its program made huge, and one that is written all the time, hold nobody up', async (t) => {
  const directory = await temporaryDirectory(t);
  const paths = logPaths(directory, 'stdout');
  writeFileSync(paths.current, 'beginning\n');
  truncateSync(paths.current, 2 ** 42);
  appendFileSync(paths.current, 'end\n');
  const freezer = { freeze: () => appendFileSync(paths.current, 'last\n'), thaw: () => {} };
  rotateLog(directory, 'stdout', { freezer, seen: () => {} });
  const kept = readFileSync(paths.segment(1));
  t.true(kept.length <= limits.logRotatedBytesMax);
  t.true(kept.toString('latin1').endsWith('end\nlast\n'));
  t.is(statSync(paths.current).size, 0);
  // A rotation of it that was cut off.
  truncateSync(paths.current, 2 ** 42);
  writeFileSync(paths.segment(2), 'half');
  writeFileSync(paths.rotating, '2');
  t.true(finishRotation(directory, 'stdout'));
  t.true(statSync(paths.segment(2)).size <= 4 + limits.logRotatedBytesMax);
});

import { appendFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { LogOptions } from '../../api/node-agent.ts';
import { systemClock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { until } from '../../testing/until.ts';
import type { Stream } from './container-directory.ts';
import { appendIndexEntry } from './log-index.ts';
import { readLogs } from './log-reader.ts';
import { logPaths } from './log-segments.ts';

const clock = systemClock();

/** A container's logs, written by hand. */
async function logs(t: ExecutionContext) {
  const directory = await temporaryDirectory(t);
  for (const stream of ['stdout', 'stderr']) writeFileSync(join(directory, `${stream}.log`), '');
  let ended = false;
  return {
    write(stream: Stream, text: string, atMs: number | null = null) {
      const { current, currentIndex } = logPaths(directory, stream);
      appendFileSync(current, text);
      if (atMs !== null) appendIndexEntry(currentIndex, { endBytes: statSync(current).size, atMs });
    },
    rotate(stream: Stream, n: number) {
      const paths = logPaths(directory, stream);
      renameSync(paths.current, paths.segment(n));
      renameSync(paths.currentIndex, paths.segmentIndex(n));
      writeFileSync(paths.current, '');
    },
    end: () => {
      ended = true;
    },
    stream: (options: LogOptions) => readLogs({ directory, ended: () => ended, clock }, options),
    async read(options: LogOptions = {}): Promise<string> {
      const chunks: Uint8Array[] = [];
      for await (const chunk of this.stream(options)) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}

test('both streams in the order of their times, through segments', async (t) => {
  const log = await logs(t);
  log.write('stdout', 'o1\no2\n', 100);
  log.write('stderr', 'e1\n', 150);
  log.write('stdout', 'o3\n', 200);
  log.rotate('stdout', 1);
  log.write('stderr', 'e2\n', 250);
  log.write('stdout', 'o4\n', 300);
  t.is(await log.read(), 'o1\no2\ne1\no3\ne2\no4\n');
});

test('a line has the time of its beginning, also when it ends in the next segment', async (t) => {
  const log = await logs(t);
  log.write('stdout', 'one\nbegun ', 1_000);
  log.rotate('stdout', 1);
  log.write('stdout', 'and ended\n', 2_000);
  t.is(
    await log.read({ timestamps: true }),
    '1970-01-01T00:00:01.000000000Z one\n1970-01-01T00:00:01.000000000Z begun and ended\n',
  );
});

test('times never go back within a stream, and no line is held back for it', async (t) => {
  const log = await logs(t);
  log.write('stdout', 'a\n', 2_000);
  log.write('stdout', 'b\n', 1_000);
  log.write('stderr', 'c\n', 1_500);
  t.is(await log.read(), 'c\na\nb\n');
});

const tails: Readonly<Record<string, { readonly options: LogOptions; readonly expected: string }>> = {
  'the last lines of both streams together': { options: { tailLines: 3 }, expected: 'o3\ne2\no4\n' },
  'more than there are is all': { options: { tailLines: 99 }, expected: 'o1\no2\ne1\no3\ne2\no4\n' },
  'none is nothing': { options: { tailLines: 0 }, expected: '' },
  'from a time on': { options: { sinceMs: 200 }, expected: 'o3\ne2\no4\n' },
  'from a time on, the last of them': { options: { sinceMs: 150, tailLines: 2 }, expected: 'e2\no4\n' },
  'so many bytes': { options: { limitBytes: 4 }, expected: 'o1\no' },
  'so many bytes of the last lines': { options: { tailLines: 2, limitBytes: 5 }, expected: 'e2\no4' },
};
for (const [title, { options, expected }] of Object.entries(tails)) {
  test(title, async (t) => {
    const log = await logs(t);
    log.write('stdout', 'o1\no2\n', 100);
    log.write('stderr', 'e1\n', 150);
    log.write('stdout', 'o3\n', 200);
    log.rotate('stdout', 1);
    log.write('stderr', 'e2\n', 250);
    log.write('stdout', 'o4\n', 300);
    t.is(await log.read(options), expected);
  });
}

test('a last line without an end is told as it is', async (t) => {
  const log = await logs(t);
  log.write('stdout', 'whole\nhalf', 100);
  t.is(await log.read(), 'whole\nhalf');
  t.is(await log.read({ tailLines: 1 }), 'half');
  log.write('stderr', 'other', 200);
  t.is(await log.read(), 'whole\nhalf\nother');
});

test('a line without end does not fill the memory: it is cut', async (t) => {
  const log = await logs(t);
  log.write('stdout', 'x'.repeat(2 * limits.logLineBytesMax + 10), 100);
  const lines = (await log.read()).split('\n');
  t.true(lines.length >= 2);
  t.is(lines.join('').length, 2 * limits.logLineBytesMax + 10);
});

test('a follower gets what is there, what comes, through a rotation, until the end', async (t) => {
  const log = await logs(t);
  log.write('stdout', 'old\nolder\n', 100);
  let seen = '';
  const followed = (async () => {
    for await (const chunk of log.stream({ follow: true, tailLines: 1 }))
      seen += Buffer.from(chunk).toString();
  })();
  await until(() => seen === 'older\n', { what: 'what is there' });
  log.write('stdout', 'new\n');
  await until(() => seen === 'older\nnew\n', { what: 'what came' });
  log.write('stdout', 'before\n', 200);
  log.rotate('stdout', 1);
  log.write('stdout', 'after\nhalf');
  await until(() => seen.endsWith('after\n'), { what: 'what came after the rotation' });
  log.end();
  await followed;
  t.is(seen, 'older\nnew\nbefore\nafter\nhalf');
});

test('a follower that is left stops looking', async (t) => {
  const log = await logs(t);
  log.write('stdout', 'one\n', 100);
  for await (const chunk of log.stream({ follow: true })) {
    t.is(Buffer.from(chunk).toString(), 'one\n');
    break;
  }
});

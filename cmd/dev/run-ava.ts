import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestRun } from './test-runs.ts';

export type TestCounts = {
  passed: number;
  failed: number;
  skipped: number;
  /** Skipped for want of a kubectl: where changes land they must have run. */
  withoutKubectl: number;
  /** Skipped for want of what pods on Linux take: root, crun, runc, iproute2. */
  withoutLinux: number;
};

const root = dirname(dirname(import.meta.dirname));

/**
 * Runs ava and prints what failed, whole, and a line per minute-long stretch otherwise. `quick`: what is tried over and over is tried less
 * often (lib/testing/thoroughness.ts).
 */
export async function runAva(
  run: TestRun,
  { quick = false }: { readonly quick?: boolean } = {},
): Promise<TestCounts> {
  const counts: TestCounts = { passed: 0, failed: 0, skipped: 0, withoutKubectl: 0, withoutLinux: 0 };
  const ava = join(root, 'node_modules', 'ava', 'entrypoints', 'cli.js');
  const child = spawn(process.execPath, [ava, '--tap', '--config', run.config, ...run.args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      // Hundreds of processes and threads load the same modules: each is compiled once.
      NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
      ...process.env,
      ...(quick && { PINTLE_TESTS: 'quick' }),
    },
  });
  let failing = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const verdict = /^(not ok|ok) \d+ - (.*)$/.exec(line);
    if (verdict !== null) {
      failing = verdict[1] === 'not ok';
      if (/ # [A-Z]+/.test(line)) {
        counts.skipped += 1;
        if (/kubectl/.test(line)) counts.withoutKubectl += 1;
        else if (/ linux, /.test(line)) counts.withoutLinux += 1;
      } else if (failing) counts.failed += 1;
      else counts.passed += 1;
      if (failing) process.stdout.write(`✘ ${verdict[2]}\n`);
      else if ((counts.passed + counts.skipped) % 250 === 0)
        process.stdout.write(`  ${counts.passed} passed so far\n`);
    } else if (failing || /^Bail out!/.test(line)) {
      process.stdout.write(`${line}\n`);
    }
  }
  const exitCode = await new Promise<number | null>((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode);
    else child.on('exit', resolve);
  });
  // A file that crashes or runs no test fails the run even though no test of its own did.
  if (exitCode !== 0 && counts.failed === 0) {
    process.stdout.write(`✘ ava ended with exit code ${exitCode} (${run.title})\n`);
    counts.failed += 1;
  }
  process.stdout.write(
    `${run.title}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
  );
  return counts;
}

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ParseCache } from '../../../lib/manifests/parse-cache.ts';
import { readManifests } from '../../../lib/manifests/read-manifests.ts';
import { builtinSchema } from '../../../lib/schema/builtin-schema.ts';
import { figure, percentile, timed } from './figure.ts';
import { applicationFile } from './generated-repository.ts';
import { shippedPintle } from './shipped-pintle.ts';
import { inTemporary } from './temporary.ts';

const RUNS = 15;

/** Files parsed and validated, as a whole tree. */
export async function validateMany(): Promise<void> {
  const whole = Array.from({ length: 10_000 }, (_, at) => ({
    path: `apps/${at}.yaml`,
    blob: String(at),
    bytes: Buffer.from(applicationFile(at, 1)),
  }));
  const deployments = whole.map(({ path, blob }) => ({
    path,
    blob,
    bytes: Buffer.from(applicationFile(Number(blob), 1).split('---\n')[3] ?? ''),
  }));
  const options = { schema: builtinSchema(), defaultNamespace: 'default', allowHostAccess: false };
  const single = await timed(() => readManifests(deployments, options));
  figure('10,000 files of one Deployment parsed and validated', single.ms, 'ms', {
    aim: 2_000,
    cpuMs: single.cpuMs,
    objects: single.result.objects.length,
    problems: single.result.problems.length,
  });
  const cache = new ParseCache();
  const first = await timed(() => readManifests(whole, { ...options, cache }));
  figure('10,000 files of four objects parsed and validated', first.ms, 'ms', {
    cpuMs: first.cpuMs,
    objects: first.result.objects.length,
    problems: first.result.problems.length,
  });
  const known = whole.map((file) => ({ ...file, bytes: null }));
  const again = await timed(() => readManifests(known, { ...options, cache }));
  figure('the same again, nothing changed', again.ms, 'ms', { cpuMs: again.cpuMs });
}

/** The whole command, as shipped. */
export async function validateOne(): Promise<void> {
  const pintle = shippedPintle();
  await inTemporary(async (directory) => {
    writeFileSync(
      join(directory, 'app.yaml'),
      `apiVersion: v1\nkind: Namespace\nmetadata: {name: team-1}\n---\n${applicationFile(1, 1)}`,
    );
    const run = (program: string, args: readonly string[]): number => {
      const start = performance.now();
      execFileSync(program, args, { stdio: 'ignore', cwd: directory });
      return performance.now() - start;
    };
    const commands = [
      {
        name: 'pintle validate of one file, whole command',
        program: pintle,
        args: ['validate', 'app.yaml'],
        aim: 120,
      },
      { name: 'pintle --version, whole command', program: pintle, args: ['--version'] },
      { name: 'an empty Node, for comparison', program: process.execPath, args: ['-e', '0'] },
    ];
    const samples = commands.map((): number[] => []);
    // In turn, so that whatever else the machine does falls on all of them.
    for (let at = 0; at <= RUNS; at += 1) {
      for (const [index, { program, args }] of commands.entries()) {
        const ms = run(program, args);
        if (at > 0) samples[index]?.push(ms);
      }
    }
    for (const [index, { name, aim }] of commands.entries()) {
      const of = samples[index] ?? [];
      figure(name, percentile(of, 50), 'ms', {
        ...(aim !== undefined && { aim }),
        least: Math.round(Math.min(...of)),
        most: Math.round(Math.max(...of)),
      });
    }
  });
}

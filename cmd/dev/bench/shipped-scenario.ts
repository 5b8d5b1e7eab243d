import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { DaemonEvent } from '../../../lib/daemon/control-protocol.ts';
import { figure } from './figure.ts';
import { generatedRepository } from './generated-repository.ts';
import { shippedPintle } from './shipped-pintle.ts';
import { inTemporary } from './temporary.ts';

/** Long enough for the first status commit and whatever a first apply leaves to do. */
const SETTLE_MS = 8_000;

/** What the published program takes: resident memory, and the time until it knows everything again after a restart. */
export async function shipped(): Promise<void> {
  const pintle = shippedPintle();
  for (const [applications, memoryAim] of [
    [3, 120],
    [2_500, 300],
  ] as const) {
    const objects = applications * 4 + 10;
    await inTemporary(async (directory) => {
      const repo = await generatedRepository(directory, applications);
      await repo.repository.close();
      const start = (): Promise<Up> => up(pintle, { repository: repo.path, data: join(directory, 'data') });
      const first = await start();
      await pause(SETTLE_MS);
      figure('resident memory after a first apply', residentMb(first.child), 'MB', {
        objects,
        aim: memoryAim,
        peak: Math.round(residentMb(first.child, 'VmHWM')),
      });
      await kill(first.child);
      const second = await start();
      figure('ready again after a kill', second.readyMs, 'ms', { objects, aim: 1_000 });
      await pause(SETTLE_MS);
      figure('resident memory after a restart', residentMb(second.child), 'MB', { objects, aim: memoryAim });
      await kill(second.child);
    });
  }
}

type Up = { readonly child: ChildProcess; readonly readyMs: number };

/** Starts the daemon; `readyMs`: until it told how everything stands. */
async function up(
  pintle: string,
  { repository, data }: { readonly repository: string; readonly data: string },
): Promise<Up> {
  const start = performance.now();
  const args = [
    'up',
    '--repo',
    repository,
    '--data',
    data,
    '--runtime',
    'simulated',
    '-o',
    'json',
    '--api-port',
    '0',
  ];
  const child = spawn(pintle, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('exit', () => reject(new Error('the daemon ended')));
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const event = JSON.parse(line) as DaemonEvent;
    if (event.type === 'summary') resolve(performance.now() - start);
  });
  return { child, readyMs: await promise };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function residentMb({ pid }: ChildProcess, field: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
}

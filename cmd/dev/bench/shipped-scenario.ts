import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { figure } from './figure.ts';
import { generatedRepository } from './generated-repository.ts';
import { residentMb, type ShippedDaemon, shippedDaemon } from './shipped-daemon.ts';
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
      const data = join(directory, 'data');
      const start = (): Promise<ShippedDaemon> => shippedDaemon(pintle, { repository: repo.path, data });
      const first = await start();
      await pause(SETTLE_MS);
      figure('resident memory after a first apply', residentMb(first.pid), 'MB', {
        objects,
        aim: memoryAim,
        peak: Math.round(residentMb(first.pid, 'VmHWM')),
      });
      await first.kill();
      const second = await start();
      figure('ready again after a kill', second.readyMs, 'ms', { objects, aim: 1_000 });
      await pause(SETTLE_MS);
      figure('resident memory after a restart', residentMb(second.pid), 'MB', { objects, aim: memoryAim });
      await second.kill();
    });
  }
}

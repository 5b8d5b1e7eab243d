import type { ExecutionContext, TestFn } from 'ava';
import { type LauncherName, launcherNames } from '../runtime/linux/launch/launchers.ts';
import { linuxLacks } from './open-linux-driver.ts';

/**
 * Registers a test once for every launcher; where the machine lacks what it takes, as skipped, with the reason. One after the
 * other: each has a bridge of its own, of which a machine has few.
 */
export function withEveryLauncher(
  test: TestFn,
  title: string,
  run: (t: ExecutionContext, launcher: LauncherName) => Promise<void>,
): void {
  for (const launcher of launcherNames) {
    const lacks = linuxLacks(launcher);
    if (lacks !== null) test.skip(`linux, ${launcher}: ${title}: ${lacks}`, () => {});
    else
      test.serial(`linux, ${launcher}: ${title}`, async (t) => {
        t.timeout(120_000);
        await run(t, launcher);
      });
  }
}

import test from 'ava';
import { type ContractProgram, driverContract } from '../../testing/driver-contract.ts';
import { linuxLacks, openLinuxDriver } from '../../testing/open-linux-driver.ts';
import { logText } from '../../testing/open-process-driver.ts';
import { until } from '../../testing/until.ts';
import { type LauncherName, launcherNames } from './launch/launchers.ts';

/** The first process of a pid namespace heeds no signal it has no handler for. */
const scripts: Readonly<Record<Exclude<ContractProgram, 'cannot-start'>, string>> = {
  stays: 'trap "exit 143" TERM; echo ready; while :; do sleep 1000 & wait; done',
  'exits-3': 'exit 3',
  'ignores-term': 'trap "" TERM; echo ready; while :; do sleep 1; done',
};

const launchers: readonly LauncherName[] = launcherNames;
for (const launcher of launchers) {
  const lacks = linuxLacks(launcher);
  if (lacks !== null) {
    test.skip(`linux, ${launcher}: the contract: ${lacks}`, () => {});
    continue;
  }
  // One after the other: each has a bridge of its own, of which a machine has few.
  driverContract(test.serial, `linux, ${launcher}`, async (t) => {
    const { driver, another } = await openLinuxDriver(t, launcher);
    const start = driver.startContainer.bind(driver);
    // A program runs before it has come to its trap.
    driver.startContainer = async (spec) => {
      const result = await start(spec);
      const traps = spec.command.at(-1)?.startsWith('trap') === true;
      await until(async () => !traps || (await logText(driver, spec.id)) !== '', { what: 'it has its trap' });
      return result;
    };
    return {
      driver,
      another,
      program: (program) => ({
        image: 'host',
        command: program === 'cannot-start' ? ['/no/such/program'] : ['sh', '-c', scripts[program]],
        args: [],
      }),
      until: (condition, what) => until(condition, { what }),
    };
  });
}

import test from 'ava';
import { type ContractProgram, driverContract } from '../../testing/driver-contract.ts';
import { logText, openProcessDriver } from '../../testing/open-process-driver.ts';
import { until } from '../../testing/until.ts';

const scripts: Readonly<Record<Exclude<ContractProgram, 'cannot-start'>, string>> = {
  stays: 'sleep 1000',
  'exits-3': 'exit 3',
  'ignores-term': 'trap "" TERM; echo deaf; while :; do sleep 1; done',
};

driverContract(test, 'process', async (t) => {
  const { driver, another } = await openProcessDriver(t);
  const start = driver.startContainer.bind(driver);
  // A program runs before it has come to ignoring anything.
  driver.startContainer = async (spec) => {
    const result = await start(spec);
    const deaf = spec.command.at(-1) === scripts['ignores-term'];
    await until(async () => !deaf || (await logText(driver, spec.id)) !== '', { what: 'it ignores SIGTERM' });
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

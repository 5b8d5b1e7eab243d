import test from 'ava';
import type { Container } from '../../schema/types.gen.ts';
import type { ContainerRecord, PodDriver } from '../driver.ts';
import { terminationMessage } from './termination-message.ts';

type Asked = { path?: string; bytesMax?: number; tailLines?: number | undefined };

function driverOf(
  file: string,
  log: readonly string[],
): Pick<PodDriver, 'terminationMessage' | 'logs'> & { readonly asked: Asked } {
  const asked: Asked = {};
  return {
    asked,
    terminationMessage: async (_id, path, bytesMax) => {
      Object.assign(asked, { path, bytesMax });
      return file;
    },
    async *logs(_id, options) {
      asked.tailLines = options.tailLines;
      for (const chunk of log) yield Buffer.from(chunk);
    },
  };
}

const recordOf = (exitCode: number): ContainerRecord => ({
  ...{ id: 'u.web.0', podUid: 'u', container: 'web', attempt: 0 },
  state: { phase: 'exited', exitCode, signal: null, startedAtMs: 0, finishedAtMs: 1, oomKilled: false },
});
const messageOf = (
  driver: ReturnType<typeof driverOf>,
  container: Partial<Container>,
  { exitCode = 1, containers = 1 } = {},
): Promise<string> => {
  const own = { name: 'web', ...container };
  const others = Array.from({ length: containers - 1 }, (_, at) => ({ name: `c${at}` }));
  return terminationMessage(driver, {
    pod: { spec: { containers: [own, ...others] } },
    container: own,
    record: recordOf(exitCode),
  });
};
const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' };

test('the file is the message, whatever the policy', async (t) => {
  const driver = driverOf('goodbye', ['log']);
  t.is(await messageOf(driver, fallback), 'goodbye');
  t.like(driver.asked, { path: '/dev/termination-log', bytesMax: 4096 });
  await messageOf(driver, { terminationMessagePath: '/tmp/last' });
  t.is(driver.asked.path, '/tmp/last');
});

test('without a file a failed run has the end of its log, where the policy says so', async (t) => {
  const driver = driverOf('', ['a'.repeat(3000), 'the end']);
  const message = await messageOf(driver, fallback);
  t.is(message.length, 2048);
  t.true(message.endsWith('the end'));
  t.is(driver.asked.tailLines, 80);
});

test('a run that succeeded, or a policy that looks at the file alone, says nothing', async (t) => {
  t.is(await messageOf(driverOf('', ['log']), fallback, { exitCode: 0 }), '');
  t.is(await messageOf(driverOf('', ['log']), {}), '');
});

test('many containers share what a pod may say', async (t) => {
  const driver = driverOf('', ['a'.repeat(5000)]);
  const message = await messageOf(driver, fallback, { containers: 12 });
  t.is(driver.asked.bytesMax, 1024);
  t.is(message.length, 1024);
});

import { chmodSync, mkdirSync, readdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import anyTest from 'ava';
import {
  ended,
  logText,
  openProcessDriver,
  sandboxSpec,
  scriptContainer,
} from '../../testing/open-process-driver.ts';

/** What root must not lose to a pod; whoever is not root has nothing to lose here. */
const test = process.getuid?.() === 0 ? anyTest : anyTest.skip;

const EMPTY = { kind: 'empty', memory: false, sizeLimitBytes: null } as const;
const MOUNT = { volume: 'v', mountPath: '/v', readOnly: false };

test('a library or a debug file named in the environment is loaded by the pod’s user only', async (t) => {
  const { driver, dataDirectory } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  await driver.writeVolume('pod-1', 'v', EMPTY);
  for (const more of [[], [{ name: 'with.dots', value: 'x' }]]) {
    const attempt = more.length;
    const env = [
      { name: 'LD_DEBUG', value: 'files' },
      { name: 'LD_DEBUG_OUTPUT', value: '/v/debug' },
      { name: 'NODE_OPTIONS', value: '--no-warnings' },
      ...more,
    ];
    const spec = scriptContainer('pod-1', 'read line', { env, mounts: [MOUNT], stdin: true, attempt });
    await driver.startContainer(spec);
    const ran = await driver.exec(spec.id, {
      command: ['id', '-u'],
      timeoutMs: 10_000,
      outputBytesMax: 1000,
    });
    t.like(ran, { exitCode: 0 }, ran.output);
    await driver.signal(spec.id, 'SIGKILL');
    await ended(driver, spec.id);
  }
  const volume = join(dataDirectory, 'pods/pod-1/volumes/v');
  const owner = statSync(volume).uid;
  t.not(owner, 0);
  for (const name of readdirSync(volume)) t.is(statSync(join(volume, name)).uid, owner, name);
});

test('a working directory that the pod’s user cannot get to is not entered for it', async (t) => {
  const { driver, dataDirectory } = await openProcessDriver(t);
  const hidden = join(realpathSync(dataDirectory), 'hidden');
  const inner = join(hidden, 'inner');
  mkdirSync(inner, { recursive: true, mode: 0o755 });
  writeFileSync(join(inner, 'file'), 'hunter2', { mode: 0o644 });
  chmodSync(hidden, 0o700);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const spec = scriptContainer('pod-1', 'cat ./file', { workingDir: inner });
  await driver.startContainer(spec);
  t.like(await ended(driver, spec.id), { phase: 'exited', exitCode: 126 });
  t.false((await logText(driver, spec.id)).includes('hunter2'));
});

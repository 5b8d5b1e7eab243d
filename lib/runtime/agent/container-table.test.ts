import { existsSync, mkdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { until } from '../../testing/until.ts';
import { containerDirectory, containerFiles } from './container-directory.ts';
import { ContainerTable } from './container-table.ts';
import { containersOnDisk } from './containers-on-disk.ts';
import type { LaunchSpec } from './launch-spec.ts';

const spec: LaunchSpec = {
  ...{ id: 'pod.main.0', argv: ['true'], env: [], cwd: '/', user: null, makeDirectories: [] },
  ...{ stdin: false, stdinOnce: false, tty: false },
};

test('of a container that is removed its spec goes first: half of its files tell nobody of an end it had not', async (t) => {
  const root = await temporaryDirectory(t);
  const directory = containerDirectory(root, { podUid: 'pod', container: 'main', attempt: 0 });
  mkdirSync(directory, { recursive: true });
  const files = {
    [containerFiles.spec]: JSON.stringify(spec),
    exit: '0\n',
    init: '1\n',
    'stdout.log': 'said\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const table = new ContainerTable({
    ...{ root, clock: systemClock(), log: silentLog(), onChange: () => {} },
    tools: {
      ...{ keeperScript: '', shell: '/bin/sh', envProgram: '/usr/bin/env', searchPath: '/usr/bin' },
      changeUser: { kind: 'setpriv', path: '/bin/false' },
    },
  });
  table.adopt();
  t.is(table.list().length, 1);
  const gone: string[] = [];
  const watcher = watch(directory, (_event, name) => gone.push(name ?? ''));
  t.teardown(() => watcher.close());
  await table.remove(spec.id);
  await until(() => Object.keys(files).every((name) => gone.includes(name)), {
    what: 'all of it to be gone',
  });
  t.is(gone[0], containerFiles.spec);
  t.false(existsSync(directory));
  // Whoever died behind that left such a directory.
  mkdirSync(directory);
  writeFileSync(join(directory, 'init'), '1\n');
  t.deepEqual(containersOnDisk(root, silentLog()), []);
});

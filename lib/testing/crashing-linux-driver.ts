import type { LauncherName } from '../runtime/linux/launch/launchers.ts';
import { linuxDriverOn } from './open-linux-driver.ts';
import { sandboxSpec, scriptContainer } from './open-process-driver.ts';

/**
 * A process that makes pods and removes them until it is killed: `<data directory> <launcher>`. Each container writes a line into a
 * volume of its pod when it starts.
 */
const [dataDirectory = '', launcher = 'crun'] = process.argv.slice(2);
const driver = linuxDriverOn(dataDirectory, launcher as LauncherName);
await driver.open();
process.stdout.write('open\n');
for (let round = 0; ; round += 1) {
  const podUid = `pod-${process.pid}-${round}`;
  await driver.createSandbox(sandboxSpec(podUid));
  await driver.writeVolume(podUid, 'data', { kind: 'empty', memory: false, sizeLimitBytes: null });
  await driver.writeVolume(podUid, 'memory', { kind: 'empty', memory: true, sizeLimitBytes: 65_536 });
  const mounts = [{ volume: 'data', mountPath: '/data', readOnly: false }];
  await driver.startContainer(scriptContainer(podUid, 'echo started >>/data/starts; sleep 1000', { mounts }));
  if (round % 2 === 1) await driver.removeSandbox(podUid);
}

import {
  chmodSync,
  chownSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  type Stats,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import { assertNever, WorldError } from '../../../base/errors.ts';
import { timings } from '../../../base/limits.ts';
import { runProgram } from '../../../base/run-program.ts';
import type { VolumeContent } from '../../driver.ts';
import { linkHostPath } from '../../process/write-volume.ts';
import { claimDirectory } from '../../volume/claim-directory.ts';
import { writeFiles } from '../../volume/write-files.ts';
import { linuxLayout } from '../linux-layout.ts';
import { mountsBelow } from '../mount-table.ts';

/** Creates a volume, or replaces its content. `fsGroup`: the group it belongs to. May be repeated. */
export async function writePodVolume(
  of: {
    readonly root: string;
    readonly podUid: string;
    readonly fsGroup: number | null;
    readonly clock: Clock;
  },
  name: string,
  content: VolumeContent,
): Promise<void> {
  const layout = linuxLayout(of.root, of.podUid);
  const path = layout.volume(name);
  switch (content.kind) {
    case 'empty':
      if (content.memory) await mountMemory(path, content.sizeLimitBytes, of.clock);
      makeShared(path, of.fsGroup);
      return;
    case 'files': {
      const where = content.secret ? join(layout.memory, name) : path;
      const owner = of.fsGroup === null ? null : { uid: 0, gid: of.fsGroup };
      const readable = of.fsGroup === null ? 0 : 0o440;
      const files = content.files.map((file) => ({ ...file, mode: file.mode | readable }));
      writeFiles(where, files, owner);
      if (where !== path && statOf(path) === undefined) symlinkSync(where, path);
      return;
    }
    case 'host-path':
      makeHostPath(content.path, content.type);
      linkHostPath(path, { ...content, type: '' });
      return;
    case 'claim': {
      const directory = await claimDirectory(of.root, content.handle, null);
      makeShared(directory, of.fsGroup);
      linkHostPath(path, { kind: 'host-path', path: directory, type: '' });
      return;
    }
    default:
      assertNever(content);
  }
}

/** Where a volume really is. WorldError DRIVER_FAILED when it was never written. */
export function volumeSource(root: string, podUid: string, name: string): string {
  const path = linuxLayout(root, podUid).volume(name);
  const stat = statOf(path);
  if (stat === undefined) throw new WorldError('DRIVER_FAILED', `there is no volume ${name}`);
  return stat.isSymbolicLink() ? readlinkSync(path) : path;
}

/** What programs of any user may write to; of the group alone where it belongs to one. Source: kubelet, emptyDir and fsGroup. */
function makeShared(path: string, fsGroup: number | null): void {
  mkdirSync(path, { recursive: true });
  if (fsGroup === null) {
    chmodSync(path, 0o777);
    return;
  }
  chownSync(path, 0, fsGroup);
  chmodSync(path, 0o2777);
}

async function mountMemory(path: string, sizeLimitBytes: number | null, clock: Clock): Promise<void> {
  if (mountsBelow(path).includes(path)) return;
  mkdirSync(path, { recursive: true });
  const size = sizeLimitBytes === null ? '' : `,size=${sizeLimitBytes}`;
  const args = ['-t', 'tmpfs', '-o', `nosuid,nodev${size}`, 'tmpfs', path];
  const { exitCode, said } = await runProgram({ program: 'mount', args, timeoutMs: timings.mountMs, clock });
  if (exitCode !== 0) throw new WorldError('DRIVER_FAILED', `no volume in memory: ${said.trim()}`);
}

type Check = readonly [what: string, is: (stat: Stats) => boolean];
const CHECKS: Readonly<Record<string, Check>> = {
  DirectoryOrCreate: ['a directory', (stat) => stat.isDirectory()],
  Directory: ['a directory', (stat) => stat.isDirectory()],
  FileOrCreate: ['a file', (stat) => stat.isFile()],
  File: ['a file', (stat) => stat.isFile()],
  Socket: ['a socket', (stat) => stat.isSocket()],
  CharDevice: ['a character device', (stat) => stat.isCharacterDevice()],
  BlockDevice: ['a block device', (stat) => stat.isBlockDevice()],
};

/** Source: core/v1 HostPathType; kubelet's modes of what it makes. */
function makeHostPath(path: string, type: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  // Of no type at all: as container engines do it.
  if (found === undefined && (type === 'DirectoryOrCreate' || type === ''))
    mkdirSync(path, { recursive: true, mode: 0o755 });
  if (found === undefined && type === 'FileOrCreate') closeSync(openSync(path, 'a', 0o644));
  const check = CHECKS[type];
  const stat = found ?? statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new WorldError('DRIVER_FAILED', `hostPath ${path} does not exist`);
  if (check === undefined || check[1](stat)) return;
  throw new WorldError('DRIVER_FAILED', `hostPath type check failed: ${path} is not ${check[0]}`);
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

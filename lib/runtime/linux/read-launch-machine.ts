import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { arch, release } from 'node:os';
import { join } from 'node:path';
import { limits } from '../../base/limits.ts';
import { capabilitiesOfMask } from './oci/capabilities.ts';
import type { PlannedDevice } from './oci/container-plan.ts';
import type { LaunchMachine } from './oci/plan-container.ts';

/** What this machine, and we on it, can give a container. Read anew, it is the same until we are started again. */
export function readLaunchMachine(): LaunchMachine {
  const capabilityMask = ownCapabilityMask(readFileSync('/proc/self/status', 'latin1'));
  const unlimited = capabilitiesOfMask(capabilityMask).includes('CAP_SYS_RESOURCE');
  const cgroups = memoryIsOnV2() ? 'v2' : 'v1';
  return {
    architecture: arch() === 'arm64' ? 'arm64' : 'x64',
    capabilityMask,
    openFilesMax: unlimited ? limits.containerOpenFilesHardMax : ownOpenFilesMax(),
    // Without the privilege a program's own is the least that it may hand on.
    oomScoreAdjMin: unlimited ? -1000 : Number(readFileSync('/proc/self/oom_score_adj', 'latin1')),
    recursiveReadOnly: isAtLeast(release(), 5, 12),
    swapAccounting: cgroups === 'v1' && existsSync('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes'),
    cgroups,
    devices: machineDevices(),
  };
}

/** What is both permitted to us and not bounded away. Source: proc_pid_status(5). */
export function ownCapabilityMask(status: string): string {
  const field = (name: string): bigint => {
    const hex = new RegExp(`^${name}:\\s*([0-9a-f]{1,16})$`, 'm').exec(status)?.[1];
    return hex === undefined ? 0n : BigInt(`0x${hex}`);
  };
  return (field('CapPrm') & field('CapBnd')).toString(16).padStart(16, '0');
}

function ownOpenFilesMax(): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  return hard === undefined || hard === 'unlimited' ? limits.containerOpenFilesHardMax : Number(hard);
}

function memoryIsOnV2(): boolean {
  const path = '/sys/fs/cgroup/cgroup.controllers';
  return existsSync(path) && readFileSync(path, 'latin1').split(/\s+/).includes('memory');
}

/** `6.18.5-amd64` is at least 5.12. */
export function isAtLeast(version: string, major: number, minor: number): boolean {
  const [own = 0, part = 0] = version.split('.').map(Number.parseFloat);
  return own > major || (own === major && part >= minor);
}

/** What is a container's own, whoever it is. */
const OWN = new Set([
  'pts',
  'shm',
  'mqueue',
  'fd',
  'console',
  'ptmx',
  'tty',
  'null',
  'zero',
  'full',
  'random',
  'urandom',
]);

/** The devices below /dev, which privileged containers see. */
function machineDevices(): readonly PlannedDevice[] {
  const found: PlannedDevice[] = [];
  const look = (directory: string, depth: number): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (depth === 0 && OWN.has(entry.name)) continue;
      if (entry.isDirectory() && depth < limits.deviceDepthMax) look(path, depth + 1);
      const type = entry.isCharacterDevice() ? 'c' : entry.isBlockDevice() ? 'b' : null;
      if (type === null || found.length >= limits.devicesMax) continue;
      // A device may go while we look.
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat !== undefined)
        found.push({ path, type, ...numbersOf(stat.rdev), fileMode: stat.mode & 0o777 });
    }
  };
  look('/dev', 0);
  return found;
}

/** How the kernel puts two numbers into one. Source: makedev(3). */
export function numbersOf(rdev: number): { readonly major: number; readonly minor: number } {
  const device = BigInt(rdev);
  return {
    major: Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xffff_f000n)),
    minor: Number((device & 0xffn) | ((device >> 12n) & 0xffff_ff00n)),
  };
}

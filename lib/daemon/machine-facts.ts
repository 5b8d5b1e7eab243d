import { readFileSync } from 'node:fs';
import { arch, cpus, hostname, networkInterfaces, release, totalmem } from 'node:os';
import type { Clock } from '../base/clock.ts';
import type { NodeSettings } from '../runtime/node/node-settings.ts';
import { machineUsage } from './machine-usage.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'arm',
  riscv64: 'riscv64',
};

/** What this machine says of itself, for its Node object. A file that is not there reads as ''. */
export function machineFacts(version: string, clock: Clock): NodeSettings {
  return {
    usage: machineUsage(clock),
    hostIP: hostAddress(),
    hostname: hostname(),
    cpuMillis: cpus().length * 1000,
    memoryBytes: memoryBytes(),
    machine: {
      architecture: ARCHITECTURES[arch()] ?? arch(),
      kernelVersion: release(),
      osImage: osImage(),
      machineId: firstLine('/etc/machine-id'),
      bootId: firstLine('/proc/sys/kernel/random/boot_id'),
      version,
    },
  };
}

/** The first address that others could reach; loopback on a machine without a network. */
function hostAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    const usable = addresses?.find((address) => address.family === 'IPv4' && !address.internal);
    if (usable !== undefined) return usable.address;
  }
  return '127.0.0.1';
}

/** What the cgroup allows where that is less than the machine has: a container is a small machine. */
function memoryBytes(): number {
  const total = totalmem();
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < total ? constrained : total;
}

function osImage(): string {
  const pretty = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(fileText('/etc/os-release'));
  return pretty?.[1] ?? 'Linux';
}

function firstLine(path: string): string {
  return fileText(path).split('\n', 1)[0]?.trim() ?? '';
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

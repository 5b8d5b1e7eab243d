import { readFile } from 'node:fs/promises';
import { codeOf } from '../base/errors.ts';

/** State TCP_LISTEN. Source: proc_net_tcp in the kernel's documentation. */
const LISTENS = '0A';

/** A pod among those that share the machine's network. */
export type PodListener = { readonly podIP: string; readonly port: number; readonly user: number };

/**
 * Whether what answers at the pod's address is the pod: a program of the machine that listens at every address answers at the
 * pod's, too. `tables`: /proc/net/tcp and tcp6, whose addresses are words of hex, the low byte first.
 */
export function isPodListening(tables: string, { podIP, port, user }: PodListener): boolean {
  const own = podIP
    .split('.')
    .reverse()
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
  const mapped = `0000000000000000FFFF0000${own}`;
  return tables.split('\n').some((line) => {
    const [, local = '', , state, , , , uid] = line.trim().split(/\s+/);
    const [address = '', hexPort = ''] = local.split(':');
    if (state !== LISTENS || Number.parseInt(hexPort, 16) !== port) return false;
    return address === own || address === mapped || (/^0+$/.test(address) && Number(uid) === user);
  });
}

/** null: this machine does not say. */
export async function readListeners(): Promise<string | null> {
  try {
    return (await Promise.all(['tcp', 'tcp6'].map((name) => readTable(`/proc/net/${name}`)))).join('\n');
  } catch {
    return null;
  }
}

async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (failure) {
    // Without IPv6 there is one table.
    if (path.endsWith('6') && codeOf(failure) === 'ENOENT') return '';
    throw failure;
  }
}

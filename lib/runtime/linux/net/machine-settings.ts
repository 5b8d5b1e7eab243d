import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { codeOf } from '../../../base/errors.ts';

/** What the machine does with packets of others. */
const SETTINGS = [
  /** It passes on packets that are not for it. */
  { path: '/proc/sys/net/ipv4/ip_forward', wanted: '1', otherwise: '0' },
  /**
   * Pods are not told of a shorter way past the machine. Off for all is off for those only that have it off themselves: nothing
   * changes for other devices. Source: ip-sysctl, send_redirects.
   */
  { path: '/proc/sys/net/ipv4/conf/all/send_redirects', wanted: '0', otherwise: '1' },
] as const;

/** What some Pintle of this machine has set. It goes with the machine's boot, as the settings do. */
const SET_BY_US = '/run/pintle-machine-settings';

/** Sets the machine as pods need it, and the bridge. Throws the system's error where it may not. */
export function setMachine(bridge: string): void {
  for (const { path, wanted } of SETTINGS) {
    if (readFileSync(path, 'utf8').trim() === wanted) continue;
    // CRASH: noted and not set yet; setting it back changes nothing then.
    appendFileSync(SET_BY_US, `${path}\n`, { mode: 0o600 });
    writeFileSync(path, wanted);
  }
  // Goes with the bridge.
  writeFileSync(`/proc/sys/net/ipv4/conf/${bridge}/send_redirects`, '0');
}

/** Sets back what Pintle set, for when nobody needs it any more. */
export function resetMachine(): void {
  const ours = setByUs();
  for (const { path, otherwise } of SETTINGS) if (ours.includes(path)) writeFileSync(path, otherwise);
  rmSync(SET_BY_US, { force: true });
}

function setByUs(): readonly string[] {
  try {
    return readFileSync(SET_BY_US, 'utf8').split('\n');
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}

/** Links whose owners need the machine to pass packets on: containers, virtual machines, tunnels. */
export function mayForward(kind: string): boolean {
  return /^(bridge|veth|tun|macvlan|ipvlan|vxlan|wireguard|ipip|gre)$/.test(kind);
}

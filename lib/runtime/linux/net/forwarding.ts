import { readFileSync, writeFileSync } from 'node:fs';

const PATH = '/proc/sys/net/ipv4/ip_forward';

/** Whether the machine passes on packets that are not for it. True when that changed it. */
export function setForwarding(on: boolean): boolean {
  const wanted = on ? '1' : '0';
  if (readFileSync(PATH, 'utf8').trim() === wanted) return false;
  writeFileSync(PATH, wanted);
  return true;
}

/** Links whose owners need the machine to pass packets on: containers, virtual machines, tunnels. */
export function mayForward(kind: string): boolean {
  return /^(bridge|veth|tun|macvlan|ipvlan|vxlan|wireguard|ipip|gre)$/.test(kind);
}

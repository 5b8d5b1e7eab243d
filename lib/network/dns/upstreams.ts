import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Clock, EpochMs } from '../../base/clock.ts';
import { limits, timings } from '../../base/limits.ts';

/** The name servers of a resolv.conf, but for those that lead back to us. */
export function upstreamsIn(text: string, ours: readonly string[]): readonly string[] {
  const servers = text.split('\n').flatMap((line) => {
    const [word, address = ''] = line.trim().split(/\s+/);
    return word === 'nameserver' && isIP(address) !== 0 && !ours.includes(address) ? [address] : [];
  });
  return servers.slice(0, limits.dnsUpstreamsMax);
}

/** Those of the machine, as its file is now. */
export function machineUpstreams(clock: Clock, ours: readonly string[]): () => readonly string[] {
  let known: readonly string[] = [];
  let readAtMs: EpochMs | null = null;
  return () => {
    const now = clock.now();
    if (readAtMs !== null && now - readAtMs < timings.dnsResolvConfMs) return known;
    readAtMs = now;
    try {
      known = upstreamsIn(readFileSync('/etc/resolv.conf', 'utf8'), ours);
    } catch {
      // While it is being replaced: as before.
    }
    return known;
  };
}

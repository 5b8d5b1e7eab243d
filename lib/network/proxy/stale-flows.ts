import { limits } from '../../base/limits.ts';
import { addressesIn } from '../own-address.ts';
import type { MachineNetwork } from './machine-network.ts';
import type { ProxyTable } from './proxy-table.ts';

/** What the kernel remembers of datagrams that it leads elsewhere: to `address:port`, and on to `backend`. */
export type Flow = { readonly address: string; readonly port: number; readonly backend: string };

/** From what `conntrack -L` prints, a line for each. Lines that are none are passed over. */
export function parseFlows(text: string): readonly Flow[] {
  return text.split('\n').flatMap((line): readonly Flow[] => {
    const ends = [...line.matchAll(/\b(src|dst|sport|dport)=([0-9.]{1,15})(?= |$)/g)];
    // Twice the four: as the client sent it, and as it is answered.
    if (ends.length !== 8) return [];
    const [, destination, , port, backend] = ends.map((end) => end[2] ?? '');
    const there = { address: destination ?? '', port: Number(port), backend: backend ?? '' };
    return there.address === there.backend ? [] : [there];
  });
}

/**
 * The flows that lead to a place of the table, or of Services that are gone, and on to a pod that does not stand behind it any more, each
 * once. The kernel asks its rules for the first datagram only: a client that keeps sending would be led there for ever. Source: kube-proxy.
 */
export function staleFlows(
  flows: readonly Flow[],
  table: ProxyTable,
  { serviceRange, podRange }: Pick<MachineNetwork, 'serviceRange' | 'podRange'>,
): readonly Flow[] {
  const places = new Map(
    table.flatMap(({ protocol, address, port, backends }) =>
      protocol === 'UDP'
        ? [[`${address}:${port}`, new Set(backends.map((backend) => backend.address))] as const]
        : [],
    ),
  );
  const isService = addressesIn(serviceRange);
  const isPod = addressesIn(podRange);
  const stale = new Map<string, Flow>();
  for (const flow of flows) {
    const { address, port, backend } = flow;
    const behind = places.get(`${address}:${port}`) ?? places.get(`0.0.0.0:${port}`);
    // What other programs of the machine lead elsewhere is theirs.
    if (behind === undefined ? !isService(address) : !isPod(backend) && !isService(address)) continue;
    if (behind?.has(backend) !== true) stale.set(`${address}:${port} ${backend}`, flow);
  }
  return [...stale.values()].slice(0, limits.flowsForgottenMax);
}

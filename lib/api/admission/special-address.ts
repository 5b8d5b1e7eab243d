import { BlockList, isIP } from 'node:net';

/** Addresses that lead to whoever opens the connection, or to his own link: never to something that serves others. */
const ranges: readonly { readonly list: BlockList; readonly why: string }[] = [
  {
    list: blocked([
      ['0.0.0.0', 8],
      ['::', 128],
    ]),
    why: 'may not be unspecified (0.0.0.0 or ::)',
  },
  {
    list: blocked([
      ['127.0.0.0', 8],
      ['::1', 128],
    ]),
    why: 'may not be in the loopback range (127.0.0.0/8, ::1/128)',
  },
  {
    list: blocked([
      ['169.254.0.0', 16],
      ['fe80::', 10],
    ]),
    why: 'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  },
  {
    list: blocked([
      ['224.0.0.0', 24],
      ['ff02::', 16],
    ]),
    why: 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  },
];

function blocked(subnets: readonly (readonly [address: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets)
    list.addSubnet(address, prefix, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  return list;
}

/**
 * Why nothing may be reached at this address through a Service; null: nothing is wrong with it.
 * Source: core/v1 validation.go ValidateNonSpecialIP; here all of 0.0.0.0/8.
 */
export function specialAddress(address: string): string | null {
  const family = isIP(address);
  if (family === 0) return 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
  return ranges.find(({ list }) => list.check(address, family === 4 ? 'ipv4' : 'ipv6'))?.why ?? null;
}

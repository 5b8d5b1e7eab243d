import { BlockList, isIPv4 } from 'node:net';

/** What leads to this machine or its own link, as seen from it; and what is no address of one machine. */
const OWN = blockList([
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
]);

/** Whether whoever opens a connection to this address reaches himself, his link, or nobody. Also of what is no IPv4 address. */
export function isOwn(address: string): boolean {
  return !isIPv4(address) || OWN.check(address);
}

/** Whether an address is in the range, `127.97.0.0/16`; a range without bits is one address. */
export function addressesIn(range: string): (address: string) => boolean {
  const [network = '', bits = '32'] = range.split('/');
  const list = blockList([[network, Number(bits)]]);
  return (address) => isIPv4(address) && list.check(address);
}

function blockList(subnets: readonly (readonly [network: string, bits: number])[]): BlockList {
  const list = new BlockList();
  for (const [network, bits] of subnets) list.addSubnet(network, bits);
  return list;
}

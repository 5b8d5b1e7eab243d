import { isIP } from 'node:net';

/** Whether the text is a range of addresses such as `10.0.0.0/8` or `fd00::/8`. */
export function isCidr(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/', 3);
  const family = isIP(address);
  if (more.length > 0 || family === 0 || !/^\d{1,3}$/.test(bits)) return false;
  return Number(bits) <= (family === 4 ? 32 : 128);
}

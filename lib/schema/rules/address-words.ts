/** What the API says of an address, and of a range, that is none. */
export const IP_WORDS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
export const CIDR_WORDS = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** Addresses that mean a machine to itself or its link: nobody else could be reached there. Source: core/v1 ValidateNonSpecialIP. */
export function specialAddressWords(address: string): string | null {
  const text = address.toLowerCase();
  if (text === '0.0.0.0' || text === '::') return 'may not be unspecified (0.0.0.0 or ::)';
  if (text.startsWith('127.') || text === '::1')
    return 'may not be in the loopback range (127.0.0.0/8, ::1/128)';
  if (text.startsWith('169.254.') || /^fe[89ab][0-9a-f]:/.test(text))
    return 'may not be in the link-local range (169.254.0.0/16, fe80::/10)';
  if (text.startsWith('224.0.0.') || text.startsWith('ff02:'))
    return 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)';
  return null;
}

import { isIPv4, isIPv6 } from 'node:net';
import { parseGoDuration } from '../go-duration.ts';
import { isBase64 } from '../is-base64.ts';

const CHARS_MAX = 2_048;

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

function isCidr(text: string): boolean {
  const [address = '', length = ''] = text.split('/');
  if (!/^\d{1,3}$/.test(length)) return false;
  return isIPv4(address) ? Number(length) <= 32 : isIPv6(address) && Number(length) <= 128;
}

const UUID = '[0-9a-f]{8}-?[0-9a-f]{4}-?V[0-9a-f]{3}-?W[0-9a-f]{3}-?[0-9a-f]{12}';
function isUuid(version: string): (text: string) => boolean {
  const any = version === '[0-9a-f]' || version === '3';
  const pattern = new RegExp(
    `^${UUID.replace('V', version).replace('W', any ? '[0-9a-f]' : '[89ab]')}$`,
    'i',
  );
  return (text) => pattern.test(text);
}

/**
 * The formats of texts that the API checks; others say nothing. None of the expressions goes back over what it read, and texts are cut
 * off above. Source: the formats apiextensions supports.
 */
const formats: ReadonlyMap<string, (text: string) => boolean> = new Map<string, (text: string) => boolean>([
  ['byte', isBase64],
  ['date', isDate],
  [
    'date-time',
    (text) =>
      /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/.test(text) &&
      isDate(text.slice(0, 10)) &&
      !Number.isNaN(Date.parse(text)),
  ],
  ['duration', (text) => parseGoDuration(text) !== null],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['cidr', isCidr],
  ['mac', (text) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text)],
  [
    'hostname',
    (text) => /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*$/i.test(text),
  ],
  ['email', (text) => /^[^\s@<>()]{1,64}@[^\s@<>()]{1,253}$/.test(text)],
  ['uri', (text) => URL.canParse(text) || text.startsWith('/')],
  ['uuid', isUuid('[0-9a-f]')],
  ['uuid3', isUuid('3')],
  ['uuid4', isUuid('4')],
  ['uuid5', isUuid('5')],
  ['hexcolor', (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)],
]);

/** Whether a text is of the format; one that is not known says nothing. */
export function isOfFormat(format: string, text: string): boolean {
  const check = formats.get(format);
  if (check === undefined) return true;
  // Base64 is long by nature, and read in one go.
  return format === 'byte' ? check(text) : text.length <= CHARS_MAX && check(text);
}

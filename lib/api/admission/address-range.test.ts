import test from 'ava';
import { formatIpv4, parseIpv4, parseRange } from './address-range.ts';

for (const { text, first, count } of [
  { text: '127.96.0.0/16', first: '127.96.0.1', count: 65_534 },
  { text: '10.96.5.9/24', first: '10.96.5.1', count: 254 },
  { text: '255.255.255.252/30', first: '255.255.255.253', count: 2 },
]) {
  test(`${text} begins at ${first} and has ${count} addresses`, (t) => {
    const range = parseRange(text);
    t.is(formatIpv4(range.first), first);
    t.is(range.count, count);
  });
}

for (const text of ['', '10.0.0.0', '10.0.0.0/7', '10.0.0.0/31', '10.0.0/24', '256.0.0.0/16', 'fd00::/64']) {
  test(`${JSON.stringify(text)} is no range`, (t) => {
    t.throws(() => parseRange(text), { code: 'ADDRESS_RANGE_INVALID' });
  });
}

test('addresses that are written oddly are none', (t) => {
  for (const text of ['1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.256', '1.2.3.-4', ' 1.2.3.4'])
    t.is(parseIpv4(text), null);
});

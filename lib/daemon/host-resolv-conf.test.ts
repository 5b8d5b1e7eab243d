import test from 'ava';
import { resolvConfForPods } from './host-resolv-conf.ts';

const cases = [
  { title: 'what pods can reach', texts: ['nameserver 192.0.2.1\n', ''], expected: 'nameserver 192.0.2.1\n' },
  {
    title: 'what resolved knows, where the machine asks itself',
    texts: ['nameserver 127.0.0.53\noptions edns0\n', 'nameserver 192.0.2.1\nsearch example.com\n'],
    expected: 'nameserver 192.0.2.1\nsearch example.com\n',
  },
  {
    title: 'one beside the machine itself',
    texts: ['nameserver ::1\nnameserver 192.0.2.1\n'],
    expected: 'nameserver 192.0.2.1\n',
  },
  {
    title: 'none',
    texts: ['search example.com\nnameserver 127.0.0.1\n', ''],
    expected: 'search example.com\n',
  },
];
for (const { title, texts, expected } of cases) test(title, (t) => t.is(resolvConfForPods(texts), expected));

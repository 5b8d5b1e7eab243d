import test from 'ava';
import type { Answer } from 'dns-packet';
import { answerQuery, nameIndex } from './answer-query.ts';
import type { NameTable } from './name-table.ts';

const http = { name: 'http', protocol: 'tcp', port: 80 };
const table: NameTable = {
  services: [
    { name: 'web', namespace: 'shop', kind: 'cluster', address: '10.96.0.20', ports: [http] },
    {
      name: 'db',
      namespace: 'shop',
      kind: 'headless',
      endpoints: [
        { address: '10.244.0.2', hostname: 'db-0', ports: [{ name: 'sql', protocol: 'tcp', port: 5432 }] },
        { address: '10.244.0.3', hostname: null, ports: [{ name: 'sql', protocol: 'tcp', port: 5433 }] },
      ],
    },
    { name: 'none', namespace: 'shop', kind: 'headless', endpoints: [] },
    { name: 'out', namespace: 'shop', kind: 'external', target: 'www.example.com.' },
    { name: 'alias', namespace: 'shop', kind: 'external', target: 'web.shop.svc.cluster.local' },
    { name: 'ring', namespace: 'shop', kind: 'external', target: 'ring.shop.svc.cluster.local' },
    { name: 'constructor', namespace: 'shop', kind: 'cluster', address: '10.96.0.21', ports: [] },
  ],
  pods: [{ namespace: 'shop', address: '10.244.0.2' }],
};
const index = nameIndex(table, {
  ...{ domain: 'cluster.local', dnsAddress: '10.96.0.10', serial: 7 },
  ranges: ['10.96.0.0/16', '10.244.0.0/24'],
});

const show = (answer: Answer): string => {
  if (answer.type === 'SRV') return `${answer.name} SRV ${answer.data.port} ${answer.data.target}`;
  const data = 'data' in answer && typeof answer.data === 'string' ? answer.data : '';
  return `${answer.name} ${answer.type} ${data}`.trim();
};

const WEB = 'web.shop.svc.cluster.local';
const DB = 'db.shop.svc.cluster.local';
const SOA = 'cluster.local SOA';

/** `answers / authorities / additionals`, or `none` before it where the name does not exist. */
const cases: readonly {
  readonly title: string;
  readonly ask: string;
  readonly type?: string;
  readonly turn?: number;
  readonly expected: string;
}[] = [
  { title: 'a Service has its cluster address', ask: WEB, expected: `${WEB} A 10.96.0.20 / / ` },
  {
    title: 'however it is written, and the answer is written as the question',
    ask: 'Web.SHOP.svc.cluster.local.',
    expected: 'Web.SHOP.svc.cluster.local A 10.96.0.20 / / ',
  },
  { title: 'there is no IPv6: no address, and no error', ask: WEB, type: 'AAAA', expected: ` / ${SOA} / ` },
  {
    title: 'a name that is a word of the language is a name',
    ask: 'constructor.shop.svc.cluster.local',
    expected: 'constructor.shop.svc.cluster.local A 10.96.0.21 / / ',
  },
  {
    title: 'and none where there is no Service of it',
    ask: 'toString.shop.svc.cluster.local',
    expected: `none  / ${SOA} / `,
  },
  {
    title: 'a port by its name',
    ask: `_http._tcp.${WEB}`,
    type: 'SRV',
    expected: `_http._tcp.${WEB} SRV 80 ${WEB} / / ${WEB} A 10.96.0.20`,
  },
  { title: 'a port that is not there', ask: `_x._tcp.${WEB}`, type: 'SRV', expected: `none  / ${SOA} / ` },
  {
    title: 'a headless Service has the addresses of all that are ready',
    ask: DB,
    expected: `${DB} A 10.244.0.2, ${DB} A 10.244.0.3 / / `,
  },
  {
    title: 'each of them first in its turn',
    ask: DB,
    turn: 3,
    expected: `${DB} A 10.244.0.3, ${DB} A 10.244.0.2 / / `,
  },
  { title: 'a pod by its hostname', ask: `db-0.${DB}`, expected: `db-0.${DB} A 10.244.0.2 / / ` },
  {
    title: 'or by its address where it has none',
    ask: `10-244-0-3.${DB}`,
    expected: `10-244-0-3.${DB} A 10.244.0.3 / / `,
  },
  {
    title: 'ports of a headless Service are where pods listen',
    ask: `_sql._tcp.${DB}`,
    type: 'SRV',
    expected: `_sql._tcp.${DB} SRV 5432 db-0.${DB}, _sql._tcp.${DB} SRV 5433 10-244-0-3.${DB} / / db-0.${DB} A 10.244.0.2, 10-244-0-3.${DB} A 10.244.0.3`,
  },
  {
    title: 'a headless Service without any is not there',
    ask: 'none.shop.svc.cluster.local',
    expected: `none  / ${SOA} / `,
  },
  {
    title: 'an external name is another name, to be asked for elsewhere',
    ask: 'out.shop.svc.cluster.local',
    expected: 'out.shop.svc.cluster.local CNAME www.example.com / /  -> www.example.com',
  },
  {
    title: 'or here',
    ask: 'alias.shop.svc.cluster.local',
    expected: `alias.shop.svc.cluster.local CNAME ${WEB}, ${WEB} A 10.96.0.20 / / `,
  },
  {
    title: 'a ring of names ends',
    ask: 'ring.shop.svc.cluster.local',
    expected: `${Array(8).fill('ring.shop.svc.cluster.local CNAME ring.shop.svc.cluster.local').join(', ')} / / `,
  },
  {
    title: 'a pod by its address',
    ask: '10-244-0-2.shop.pod.cluster.local',
    expected: '10-244-0-2.shop.pod.cluster.local A 10.244.0.2 / / ',
  },
  {
    title: 'not one of another namespace',
    ask: '10-244-0-2.other.pod.cluster.local',
    expected: `none  / ${SOA} / `,
  },
  {
    title: 'a Service by its address',
    ask: '20.0.96.10.in-addr.arpa',
    type: 'PTR',
    expected: `20.0.96.10.in-addr.arpa PTR ${WEB} / / `,
  },
  {
    title: 'a pod with a hostname by its address',
    ask: '2.0.244.10.in-addr.arpa',
    type: 'PTR',
    expected: `2.0.244.10.in-addr.arpa PTR db-0.${DB} / / `,
  },
  {
    title: 'an address of ours that nobody has',
    ask: '9.0.96.10.in-addr.arpa',
    type: 'PTR',
    expected: 'none  / in-addr.arpa SOA / ',
  },
  {
    title: 'others are asked for other addresses',
    ask: '8.8.8.8.in-addr.arpa',
    type: 'PTR',
    expected: 'forward',
  },
  { title: 'and for other names', ask: 'example.com', expected: 'forward' },
  { title: 'also those that end alike', ask: 'web.shop.svc.mycluster.local', expected: 'forward' },
  { title: 'what lies between names exists', ask: 'shop.svc.cluster.local', expected: ` / ${SOA} / ` },
  { title: 'as do the cluster itself', ask: 'cluster.local', type: 'SOA', expected: `${SOA} / / ` },
  {
    title: 'the version of the scheme',
    ask: 'dns-version.cluster.local',
    type: 'TXT',
    expected: 'dns-version.cluster.local TXT 1.1.0 / / ',
  },
  {
    title: 'a search domain put behind a foreign name leads nowhere',
    ask: 'example.com.shop.svc.cluster.local',
    expected: `none  / ${SOA} / `,
  },
];
for (const { title, ask, type = 'A', turn = 0, expected } of cases)
  test(title, (t) => {
    const answer = answerQuery(index, { name: ask, type, turn });
    if (answer.kind === 'forward') return t.is('forward', expected);
    const { answers, authorities, additionals, found, follow } = answer;
    const text = [answers, authorities, additionals].map((some) => some.map(show).join(', ')).join(' / ');
    const shown = `${found ? '' : 'none '}${text}${follow === null ? '' : ` -> ${follow}`}`;
    t.is(shown.replaceAll('/  /', '/ /'), expected.replaceAll('/  /', '/ /'));
  });

import test from 'ava';
import type { Pod } from '../../schema/types.gen.ts';
import { scrapeTargetOf } from './scrape-target.ts';

type Ports = readonly {
  readonly name?: string;
  readonly containerPort: number;
  readonly protocol?: string;
}[];

const table: readonly {
  readonly title: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ports?: Ports;
  readonly phase?: string;
  readonly target: string | null;
}[] = [
  { title: 'a pod that says nothing', ports: [{ containerPort: 80 }], target: null },
  {
    title: 'a port that is called so',
    ports: [{ containerPort: 80 }, { name: 'metrics', containerPort: 9090 }],
    target: 'http 9090 /metrics',
  },
  {
    title: 'a port of another protocol',
    ports: [{ name: 'metrics', containerPort: 9, protocol: 'UDP' }],
    target: null,
  },
  {
    title: 'all annotations',
    annotations: { scrape: 'true', port: '1234', path: '/stats?format=prometheus', scheme: 'https' },
    target: 'https 1234 /stats?format=prometheus',
  },
  {
    title: 'an annotation alone',
    annotations: { scrape: 'true' },
    ports: [{ containerPort: 80 }],
    target: 'http 80 /metrics',
  },
  {
    title: 'a pod that does not want it',
    annotations: { scrape: 'false' },
    ports: [{ name: 'metrics', containerPort: 9090 }],
    target: null,
  },
  { title: 'no port at all', annotations: { scrape: 'true' }, target: 'wrong' },
  { title: 'a port that is none', annotations: { scrape: 'true', port: '70000' }, target: 'wrong' },
  {
    title: 'a scheme that is none',
    annotations: { scrape: 'true', port: '1', scheme: 'file' },
    target: 'wrong',
  },
  {
    title: 'a path that would be two lines',
    annotations: { scrape: 'true', port: '1', path: '/a\r\nb: c' },
    target: 'wrong',
  },
  {
    title: 'a path with a host',
    annotations: { scrape: 'true', port: '1', path: 'http://other/' },
    target: 'wrong',
  },
  {
    title: 'a pod that does not run yet',
    annotations: { scrape: 'true', port: '1' },
    phase: 'Pending',
    target: null,
  },
  {
    title: 'a pod that has ended',
    annotations: { scrape: 'true', port: '1' },
    phase: 'Succeeded',
    target: null,
  },
];

for (const { title, annotations = {}, ports = [], phase = 'Running', target } of table)
  test(`where metrics are: ${title}`, (t) => {
    const named = Object.entries(annotations).map(([name, value]) => [`prometheus.io/${name}`, value]);
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', annotations: Object.fromEntries(named) },
      spec: { containers: [{ name: 'web', ports }] },
      status: { phase },
    } as Pod;
    const found = scrapeTargetOf(pod);
    if (found === null || target === null) t.is(found, target);
    else if (typeof found === 'string') t.is(target, 'wrong');
    else t.is(`${found.scheme} ${found.port} ${found.path}`, target);
  });

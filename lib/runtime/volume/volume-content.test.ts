import test from 'ava';
import type { Pod, Volume } from '../../schema/types.gen.ts';
import { isConfined } from './confined-path.ts';
import { referencedObjects } from './referenced-objects.ts';
import { volumeContent } from './volume-content.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'shop', labels: { b: '2', a: '1' } },
  spec: { containers: [{ name: 'web', resources: { limits: { memory: '1Gi' } } }] },
};
const metadata = { name: 'page', namespace: 'shop' };
const input = {
  pod,
  facts: { podIP: '10.0.0.5', hostIP: '192.0.2.1', nodeName: 'n', allocatable: { cpu: '4', memory: '8Gi' } },
  references: {
    configMap: (_namespace: string, name: string) =>
      name === 'page'
        ? {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata,
            data: { a: 'one', b: 'two' },
            binaryData: { c: base64('three') },
          }
        : undefined,
    secret: (_namespace: string, name: string) =>
      name === 'keys'
        ? { apiVersion: 'v1', kind: 'Secret', metadata, data: { key: base64('s') } }
        : undefined,
    claim: () => undefined,
    volume: () => undefined,
    services: () => [],
  },
};

type Row = {
  readonly title: string;
  readonly volume: Omit<Volume, 'name'>;
  readonly files: Record<string, string>;
  readonly modes?: Record<string, number>;
  readonly secret?: boolean;
};
const rows: readonly Row[] = [
  {
    title: 'every key of a ConfigMap',
    volume: { configMap: { name: 'page' } },
    files: { a: 'one', b: 'two', c: 'three' },
    modes: { a: 0o644 },
  },
  {
    title: 'only the items, where and how they say',
    volume: {
      configMap: {
        name: 'page',
        defaultMode: 0o400,
        items: [
          { key: 'a', path: 'x/y' },
          { key: 'b', path: 'b', mode: 0o600 },
        ],
      },
    },
    files: { 'x/y': 'one', b: 'two' },
    modes: { 'x/y': 0o400, b: 0o600 },
  },
  { title: 'a Secret', volume: { secret: { secretName: 'keys' } }, files: { key: 's' }, secret: true },
  {
    title: 'an optional Secret that is not there',
    volume: { secret: { secretName: 'no', optional: true } },
    files: {},
    secret: true,
  },
  {
    title: 'the downward API',
    volume: {
      downwardAPI: {
        items: [
          { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
          {
            path: 'memory',
            resourceFieldRef: { containerName: 'web', resource: 'limits.memory', divisor: '1Mi' },
          },
        ],
      },
    },
    files: { labels: 'a="1"\nb="2"', memory: '1024' },
  },
  {
    title: 'projected sources in one folder, the later winning, tokens left out',
    volume: {
      projected: {
        defaultMode: 0o440,
        sources: [
          { configMap: { name: 'page', items: [{ key: 'a', path: 'a' }] } },
          { secret: { name: 'keys', items: [{ key: 'key', path: 'a' }] } },
          { serviceAccountToken: { path: 'token' } },
        ],
      },
    },
    files: { a: 's' },
    modes: { a: 0o440 },
    secret: true,
  },
];
for (const { title, volume, files, modes = {}, secret = false } of rows) {
  test(`a volume holds ${title}`, (t) => {
    const verdict = volumeContent({ name: 'v', ...volume }, input);
    t.is(verdict.is, 'content');
    if (verdict.is !== 'content' || verdict.content.kind !== 'files') return t.fail('files were expected');
    const found = verdict.content.files;
    t.deepEqual(
      Object.fromEntries(found.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])),
      files,
    );
    for (const [path, mode] of Object.entries(modes))
      t.is(found.find((file) => file.path === path)?.mode, mode);
    t.is(verdict.content.secret, secret);
    t.is(verdict.limitations.length, volume.projected === undefined ? 0 : 1);
  });
}

for (const { title, volume, is, names } of [
  {
    title: 'a ConfigMap that is not there',
    volume: { configMap: { name: 'no' } },
    is: 'missing',
    names: /"no"/,
  },
  {
    title: 'a key that is not there',
    volume: { secret: { secretName: 'keys', items: [{ key: 'k', path: 'k' }] } },
    is: 'missing',
    names: /"k"/,
  },
  {
    title: 'a claim that is not there',
    volume: { persistentVolumeClaim: { claimName: 'c' } },
    is: 'missing',
    names: /"c"/,
  },
  {
    title: 'what is not here',
    volume: { nfs: { server: 'a', path: '/' } },
    is: 'unsupported',
    names: /nfs/,
  },
  {
    title: 'a path upwards',
    volume: { configMap: { name: 'page', items: [{ key: 'a', path: '../a' }] } },
    is: 'unsupported',
    names: /\.\.\/a/,
  },
] as const satisfies readonly { title: string; volume: Omit<Volume, 'name'>; is: string; names: RegExp }[]) {
  test(`a volume is refused for ${title}`, (t) => {
    const verdict = volumeContent({ name: 'v', ...volume }, input);
    t.is(verdict.is, is);
    if (verdict.is !== 'content') t.regex(verdict.message, names);
  });
}

test('emptyDir and hostPath are told to the driver as they are', (t) => {
  t.like(volumeContent({ name: 'v', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }, input), {
    content: { kind: 'empty', memory: true, sizeLimitBytes: 1024 ** 2 },
  });
  t.like(volumeContent({ name: 'v', hostPath: { path: '/srv' } }, input), {
    content: { kind: 'host-path', path: '/srv', type: '' },
  });
});

for (const { path, confined } of [
  { path: 'a/b', confined: true },
  { path: 'a..b/..c', confined: true },
  { path: '', confined: false },
  { path: '/a', confined: false },
  { path: 'a/../../b', confined: false },
  { path: '..', confined: false },
  { path: 'a\0b', confined: false },
]) {
  test(`${JSON.stringify(path)} is ${confined ? '' : 'not '}confined`, (t) =>
    t.is(isConfined(path), confined));
}

test('everything a pod takes values from is known by name', (t) => {
  const spec = {
    containers: [{ name: 'c', envFrom: [{ configMapRef: { name: 'one' } }] }],
    initContainers: [
      { name: 'i', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'two', key: 'k' } } }] },
    ],
    volumes: [
      { name: 'v', projected: { sources: [{ secret: { name: 'three' } }] } },
      { name: 'w', configMap: { name: 'four' } },
    ],
  };
  t.deepEqual([...referencedObjects({ ...pod, spec })].sort(), [
    'ConfigMap/four',
    'ConfigMap/one',
    'Secret/three',
    'Secret/two',
  ]);
});

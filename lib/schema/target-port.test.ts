import test from 'ava';
import { targetPort } from './target-port.ts';
import type { Pod } from './types.gen.ts';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: {
    initContainers: [
      { name: 'mesh', image: 'x', restartPolicy: 'Always', ports: [{ name: 'admin', containerPort: 15 }] },
      { name: 'setup', image: 'x', ports: [{ name: 'once', containerPort: 16 }] },
    ],
    containers: [
      {
        name: 'main',
        image: 'x',
        ports: [
          { name: 'http', containerPort: 8080 },
          { name: 'names', containerPort: 53, protocol: 'UDP' },
        ],
      },
    ],
  },
};

for (const { title, port, leadsTo } of [
  { title: 'a port without a target leads to itself', port: { port: 80 }, leadsTo: 80 },
  { title: 'a number is the port', port: { port: 80, targetPort: 9000 }, leadsTo: 9000 },
  { title: 'a name is looked up', port: { port: 80, targetPort: 'http' }, leadsTo: 8080 },
  { title: 'a name of another protocol is none', port: { port: 53, targetPort: 'names' }, leadsTo: null },
  {
    title: 'a name of its protocol is',
    port: { port: 53, targetPort: 'names', protocol: 'UDP' },
    leadsTo: 53,
  },
  { title: 'a sidecar has ports', port: { port: 80, targetPort: 'admin' }, leadsTo: 15 },
  {
    title: 'what ends before the pod begins has none',
    port: { port: 80, targetPort: 'once' },
    leadsTo: null,
  },
] as const) {
  test(title, (t) => t.is(targetPort(port, pod), leadsTo));
}

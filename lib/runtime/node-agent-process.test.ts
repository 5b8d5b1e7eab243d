import { get } from 'node:http';
import test from 'ava';
import { PORTS_ANNOTATION } from '../api/annotations.ts';
import { informers } from '../api/informers.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { Pod } from '../schema/types.gen.ts';
import { localApi } from '../testing/local-api.ts';
import { conditionOf, NODE, nodeSettings, refOfPod, statusOf, user } from '../testing/node-world.ts';
import { openProcessDriver } from '../testing/open-process-driver.ts';
import { until } from '../testing/until.ts';
import { nodeAgent } from './node-agent.ts';

const SERVER = `
  const server = require('node:http').createServer((request, response) => response.end(process.env.COLOUR));
  server.listen(Number(process.env.PORT));
`;

/** One request on a connection of its own: nothing of it outlives the test. */
async function bodyOf(url: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get(url, { agent: false }, async (response) => {
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    resolve(text);
  }).on('error', reject);
  return promise;
}

test('real processes: two pods that want one port become ready, are asked over their own, and are deleted', async (t) => {
  const { driver } = await openProcessDriver(t);
  const { client } = await localApi();
  const shared = informers(client, { user: 'system:node', fieldManager: 'node' });
  const clock = systemClock({ keepAlive: true });
  const agent = nodeAgent({
    nodeName: NODE,
    client,
    informers: shared,
    driver,
    clock,
    log: silentLog(),
    settings: nodeSettings,
  });
  await agent.run();
  const podOf = (name: string): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: {
      nodeName: NODE,
      terminationGracePeriodSeconds: 5,
      containers: [
        {
          name: 'web',
          image: 'host',
          command: ['node', '-e', SERVER],
          env: [{ name: 'COLOUR', value: name }],
          ports: [{ containerPort: 8080 }],
          readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
        },
      ],
    },
  });
  const read = (name: string) => client.get<Pod>(refOfPod(name), user);
  for (const name of ['a', 'b']) await client.create(podOf(name), user);
  for (const name of ['a', 'b']) {
    await until(async () => conditionOf(await read(name), 'Ready')?.status === 'True', {
      what: `${name} is ready`,
    });
    const pod = await read(name);
    const ports = JSON.parse(pod?.metadata.annotations?.[PORTS_ANNOTATION] ?? '{}') as Record<string, number>;
    t.is(await bodyOf(`http://${pod?.status?.podIP}:${ports['8080'] ?? 8080}/`), name);
    t.is(statusOf(pod)?.restartCount, 0);
    await client.delete(refOfPod(name), {}, user);
  }
  for (const name of ['a', 'b'])
    await until(async () => (await read(name)) === null, { what: `${name} is gone` });
  t.deepEqual(await driver.list(), []);
  await agent.stop();
  shared.stop();
});

import test from 'ava';
import type { IssueToken } from '../api/pod-access.ts';
import { hourMs, minuteMs } from '../base/clock.ts';
import { NODE, type NodeWorld, nodeWorld, user } from '../testing/node-world.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'asks', namespace: 'default' },
  spec: {
    nodeName: NODE,
    containers: [{ name: 'main', image: 'host', volumeMounts: [{ name: 'access', mountPath: '/access' }] }],
    volumes: [{ name: 'access', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
  },
};

function tokenIn(world: NodeWorld): string {
  const [volumes] = [...world.state.volumes.values()];
  const content = volumes?.get('access');
  if (content?.kind !== 'files') return '';
  return Buffer.from(content.files[0]?.bytes ?? []).toString();
}

test('the token in a pod is replaced before it expires, and by a daemon that starts anew', async (t) => {
  let issued = 0;
  let world: NodeWorld | null = null;
  const issueToken: IssueToken = ({ lifetimeMs }) => {
    const issuedMs = world?.clock.now() ?? 0;
    issued += 1;
    return { token: `token ${issued}`, issuedMs, expiresMs: issuedMs + lifetimeMs };
  };
  world = await nodeWorld({ issueToken });
  await world.client.create(pod, user);
  await world.quiet();
  await world.pass(minuteMs);
  t.is(tokenIn(world), 'token 1');
  await world.pass(40 * minuteMs);
  t.is(tokenIn(world), 'token 1');
  await world.pass(10 * minuteMs);
  t.is(tokenIn(world), 'token 2');
  await world.pass(hourMs);
  t.is(tokenIn(world), 'token 3');
  await world.restart();
  await world.quiet();
  t.is(tokenIn(world), 'token 4', 'what it had issued is not known any more');
  await world.close();
});

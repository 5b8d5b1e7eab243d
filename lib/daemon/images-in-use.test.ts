import test from 'ava';
import { manualClock } from '../base/manual-clock.ts';
import type { Pod } from '../schema/types.gen.ts';
import { localApi } from '../testing/local-api.ts';
import { podOf, refOfPod, user } from '../testing/node-world.ts';
import { imagesInUse } from './images-in-use.ts';

test('images of pods that are not over are in use, by name and by id', async (t) => {
  const { client } = await localApi({ clock: manualClock() });
  const containers = [{ name: 'web', image: 'nginx:1' }];
  await client.create(
    podOf('runs', { containers, initContainers: [{ name: 'first', image: 'init:1' }] }),
    user,
  );
  await client.create(podOf('over', { containers: [{ name: 'web', image: 'gone:1' }] }), user);
  const tell = async (name: string, status: NonNullable<Pod['status']>): Promise<void> => {
    const pod = await client.get<Pod>(refOfPod(name), user);
    if (pod !== null) await client.update({ ...pod, status }, user, { subresource: 'status' });
  };
  const state = { name: 'web', image: 'nginx:1', ready: true, restartCount: 0 };
  await tell('runs', {
    phase: 'Running',
    containerStatuses: [{ ...state, imageID: 'docker.io/library/nginx@sha256:1' }],
  });
  await tell('over', { phase: 'Succeeded' });
  t.deepEqual([...(await imagesInUse(client, user))].sort(), [
    'docker.io/library/nginx@sha256:1',
    'init:1',
    'nginx:1',
  ]);
});

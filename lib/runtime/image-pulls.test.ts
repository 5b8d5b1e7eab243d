import test from 'ava';
import { WorldError } from '../base/errors.ts';
import { nodeWorld, podOf, refOfPod, statusOf, user } from '../testing/node-world.ts';
import type { ImageVerdict, PodDriver } from './driver.ts';

/** A driver whose images come when the test says so. */
function slowImages() {
  const asked: string[] = [];
  const pulls = new Map<string, PromiseWithResolvers<ImageVerdict>>();
  const wrap = (driver: PodDriver): PodDriver => ({
    ...driver,
    image(image) {
      asked.push(image);
      const pull = pulls.get(image) ?? Promise.withResolvers<ImageVerdict>();
      pulls.set(image, pull);
      return pull.promise;
    },
  });
  const came = (image: string, verdict: Partial<Extract<ImageVerdict, { readonly ok: true }>> = {}): void =>
    pulls.get(image)?.resolve({
      ok: true,
      imageId: `id-of-${image}`,
      pulled: { durationMs: 1_234, sizeBytes: 42 },
      ...verdict,
    });
  return { asked, pulls, wrap, came };
}

const two = {
  containers: [
    { name: 'web', image: 'slow:1' },
    { name: 'other', image: 'quick:1' },
  ],
};

test('a pod waits for an image, the next container for its turn; events tell of it', async (t) => {
  const images = slowImages();
  const w = await nodeWorld({ wrap: images.wrap });
  await w.client.create(podOf('a', two), user);
  await w.quiet();
  t.like(statusOf(await w.pod('a'))?.state?.waiting, { reason: 'ContainerCreating' });
  t.deepEqual(images.asked, ['slow:1']);
  t.is((await w.events('Pulling'))[0]?.message, 'Pulling image "slow:1"');
  images.came('slow:1');
  await w.quiet();
  t.is(
    (await w.events('Pulled'))[0]?.message,
    'Successfully pulled image "slow:1" in 1.234s (1.234s including waiting). Image size: 42 bytes.',
  );
  t.truthy(statusOf(await w.pod('a'), 'web')?.state?.running);
  t.is(statusOf(await w.pod('a'), 'web')?.imageID, 'id-of-slow:1');
  t.deepEqual(images.asked, ['slow:1', 'quick:1']);
  images.came('quick:1', { pulled: null });
  await w.quiet();
  t.is(await w.phaseOf('a'), 'Running');
  t.true(
    (await w.events('Pulled')).some(
      ({ message }) => message === 'Container image "quick:1" already present on machine',
    ),
  );
  await w.close();
});

test('a pod whose image is being pulled can be deleted', async (t) => {
  const images = slowImages();
  const w = await nodeWorld({ wrap: images.wrap });
  await w.client.create(podOf('a', two), user);
  await w.quiet();
  await w.client.delete(refOfPod('a'), {}, user);
  await w.pass(1_000);
  t.is(await w.pod('a'), null);
  images.came('slow:1');
  await w.quiet();
  t.deepEqual(w.starts(), []);
  await w.close();
});

test('a driver that fails while it pulls is asked again', async (t) => {
  const images = slowImages();
  const w = await nodeWorld({ wrap: images.wrap });
  await w.client.create(podOf('a', { containers: [{ name: 'web', image: 'slow:1' }] }), user);
  await w.quiet();
  images.pulls.get('slow:1')?.reject(new WorldError('AGENT_DOWN', 'gone'));
  images.pulls.delete('slow:1');
  await w.pass(3_000);
  t.deepEqual(images.asked, ['slow:1', 'slow:1']);
  images.came('slow:1');
  await w.quiet();
  t.is(await w.phaseOf('a'), 'Running');
  await w.close();
});

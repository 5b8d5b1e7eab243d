import test from 'ava';
import { settle } from '../base/manual-clock.ts';
import { memoryStore } from '../store/memory-store.ts';
import { crashingStore, crashPoints } from './crashing-store.ts';

const write = (key: string) => [{ key, value: new Uint8Array(1) }];

for (const point of crashPoints) {
  test(`a crash ${point} of the second append leaves what was durable, and answers nobody`, async (t) => {
    const store = memoryStore();
    const crashing = crashingStore(store, (at, count) => (at === point && count === 2 ? 'crash' : 'go'));
    const heard: string[] = [];
    crashing.watch('/', 0, (events) => heard.push(...events.map((event) => event.key)));
    await crashing.append(write('/a'));
    await settle();
    let answered = false;
    void crashing.append(write('/b')).then(() => {
      answered = true;
    });
    void crashing.append(write('/c'));
    await settle();
    t.true(crashing.crashed);
    t.false(answered);
    t.true(heard.includes('/a'));
    t.truthy(store.read('/a'));
    t.is(store.read('/b') !== undefined, point === 'after-append');
  });
}

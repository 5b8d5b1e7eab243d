import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../base/limits.ts';
import { balancer } from './balancer.ts';

const backends = [1, 2, 3].map((port) => ({ address: '127.97.0.1', port }));

test('connections go round', (t) => {
  const one = balancer();
  one.update(backends, null);
  const first = [1, 2, 3, 4].map(() => one.order('c', 0)[0]?.port);
  t.deepEqual(first, [1, 2, 3, 1]);
});

test('the others follow, for when the first does not answer', (t) => {
  const one = balancer();
  one.update(backends, null);
  one.order('c', 0);
  t.deepEqual(
    one.order('c', 0).map(({ port }) => port),
    [2, 3, 1],
  );
});

test('with affinity a client stays until it was away too long, or its backend is gone', (t) => {
  const one = balancer();
  one.update(backends, 10);
  const take = (client: string, now: number): number | undefined => {
    const [backend] = one.order(client, now);
    if (backend !== undefined) one.chosen(client, backend, now);
    return backend?.port;
  };
  t.is(take('a', 0), 1);
  t.is(take('b', 0), 2);
  t.is(take('a', 9_000), 1);
  t.is(take('a', 18_000), 1);
  t.not(take('a', 28_000), 1);
  const kept = take('a', 28_000);
  one.update(
    backends.filter(({ port }) => port !== kept),
    10,
  );
  t.not(take('a', 28_000), kept);
});

test('what is remembered of clients is bounded, the oldest goes', (t) => {
  const one = balancer();
  one.update(backends, 1_000);
  const [first, second] = backends;
  if (first === undefined || second === undefined) return t.fail();
  one.chosen('old', first, 0);
  for (let at = 0; at <= limits.proxyClientsMax; at += 1) one.chosen(`c${at}`, second, 0);
  const firsts = new Set([1, 2, 3].map(() => one.order('old', 1)[0]?.port));
  t.is(firsts.size, 3);
});

test('property: every backend is offered once, whatever changes in between', (t) => {
  const sets = fc.array(fc.subarray(backends), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(sets, fc.boolean(), (updates, sticky) => {
      const one = balancer();
      for (const update of updates) {
        one.update(update, sticky ? 10 : null);
        const order = one.order('c', 0);
        if (order[0] !== undefined) one.chosen('c', order[0], 0);
        t.deepEqual(
          [...order].sort((a, b) => a.port - b.port),
          update,
        );
      }
    }),
  );
});

import test from 'ava';
import { neededBesides } from './needed-besides.ts';

for (const { title, verb, subresource, besides } of [
  {
    title: 'to run a command by GET takes what POST takes too',
    verb: 'get',
    subresource: 'exec',
    besides: 'create',
  },
  { title: 'so does attaching', verb: 'get', subresource: 'attach', besides: 'create' },
  { title: 'so does forwarding a port', verb: 'get', subresource: 'portforward', besides: 'create' },
  { title: 'POST needs nothing else', verb: 'create', subresource: 'exec', besides: null },
  { title: 'a log is only read', verb: 'get', subresource: 'log', besides: null },
  { title: 'so is a pod', verb: 'get', subresource: '', besides: null },
] as const) {
  test(title, (t) => {
    const wanted = { type: 'resource', group: '', resource: 'pods', namespace: 'a', name: 'web' } as const;
    t.is(neededBesides({ ...wanted, verb, subresource })?.verb ?? null, besides);
  });
}

import test from 'ava';
import fc from 'fast-check';
import type { Caller } from '../api/client.ts';
import { isObject, type JsonObject } from '../base/json.ts';
import { type OpenWatch, servedApi } from '../testing/served-api.ts';
import { until } from '../testing/until.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const caller: Caller = { user: 'writer', fieldManager: 'writer' };
const step = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  what: fc.constantFrom('write', 'write', 'delete', 'disconnect'),
});

/** The objects as a client that listed and then watched has them; a repeated or missing event shows. */
class Mirror {
  readonly objects = new Map<string, string>();
  revision = 0;
  take(lines: readonly JsonObject[]): void {
    for (const { type, object } of lines) {
      const metadata = isObject(object) && isObject(object.metadata) ? object.metadata : {};
      const revision = Number(metadata.resourceVersion);
      if (revision <= this.revision) throw new Error(`${revision} came after ${this.revision}`);
      this.revision = revision;
      const name = String(metadata.name);
      if ((type === 'ADDED') === this.objects.has(name)) throw new Error(`${String(type)} of ${name}`);
      if (type === 'DELETED') this.objects.delete(name);
      else this.objects.set(name, String(metadata.resourceVersion));
    }
  }
}

test('a list followed by watches that break off and go on misses nothing and repeats nothing', async (t) => {
  const api = await servedApi(t);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (script) => {
      const mirror = new Mirror();
      const { body } = await api.ask(`GET ${MAPS}`);
      for (const item of body.items as readonly { metadata: { name: string; resourceVersion: string } }[]) {
        mirror.objects.set(item.metadata.name, item.metadata.resourceVersion);
      }
      mirror.revision = Number((body.metadata as JsonObject).resourceVersion);
      let taken = 0;
      const open = (): OpenWatch => api.watch(`${MAPS}?watch=1&resourceVersion=${mirror.revision}`);
      const drain = (): void => {
        const lines = watch.lines.slice(taken);
        taken += lines.length;
        mirror.take(lines);
      };
      let watch = open();
      for (const { name, what } of script) {
        const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name };
        if (what === 'disconnect') {
          drain();
          watch.close();
          taken = 0;
          watch = open();
          continue;
        }
        const live = await api.client.get(ref, caller);
        if (what === 'delete') {
          if (live !== null) await api.client.delete(ref, {}, caller);
          continue;
        }
        const data = { at: String(live?.metadata.resourceVersion ?? 0) };
        const object = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name, namespace: 'default' },
          data,
        };
        await (live === null ? api.client.create(object, caller) : api.client.update(object, caller));
      }
      const { items } = await api.client.list(
        { group: '', kind: 'ConfigMap' },
        { namespace: 'default' },
        caller,
      );
      const expected = items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort();
      const current = (): string =>
        [...mirror.objects]
          .map((pair) => pair.join(' '))
          .sort()
          .join();
      await until(
        () => {
          drain();
          return current() === expected.join();
        },
        { what: `the mirror to be ${expected.join()}`, deadlineMs: 5_000 },
      );
      watch.close();
    }),
    { numRuns: 25 },
  );
  t.pass();
});

import { KubeConfig, Watch } from '@kubernetes/client-node';
import type { ExecutionContext } from 'ava';
import { recordEvent } from '../daemon/simulate/follow-rollout.ts';
import { type RolloutRecorder, recordedKinds, rolloutRecorder } from '../daemon/simulate/rollout-recorder.ts';
import type { KindRef, KubeObject, ObjectRef } from '../schema/object.ts';
import type { RealDaemon } from './real-daemon.ts';
import { until } from './until.ts';

type Seen = { readonly object: KubeObject; readonly gone: boolean; readonly atMs: number };

/** What a real daemon does from here on, heard over the Kubernetes API. */
export type WatchedRollout = {
  /** As it is now, in the order in which things became durable. */
  recorded(refOf: (label: string) => ObjectRef | null): RolloutRecorder;
};

/** Begins to listen, once all there is has been heard. */
export async function watchRollout(
  t: ExecutionContext,
  daemon: RealDaemon,
  isThere: (objects: readonly KubeObject[]) => boolean,
): Promise<WatchedRollout> {
  const config = new KubeConfig();
  config.loadFromString((await daemon.run('kubeconfig')).stdout);
  const seen: Seen[] = [];
  for (const kind of recordedKinds) {
    const hear = (phase: string, object: KubeObject): void => {
      if (phase !== 'BOOKMARK') seen.push({ object, gone: phase === 'DELETED', atMs: performance.now() });
    };
    const watching = await new Watch(config).watch(pathOf(kind), {}, hear, () => undefined);
    t.teardown(() => watching.abort());
  }
  await until(() => isThere(seen.map(({ object }) => object)), { what: 'the watches to tell what there is' });
  const there = seen.splice(0);
  const [beganAtMs, told] = [performance.now(), daemon.events.length];
  return {
    recorded(refOf) {
      const recorder = rolloutRecorder(beganAtMs);
      const rank = ({ object }: Seen): number => recordedKinds.findIndex(({ kind }) => kind === object.kind);
      // Owners first, as a list of each kind after the other gives them.
      for (const { object } of [...there].sort((a, b) => rank(a) - rank(b)))
        recorder.see(object, 'there', beganAtMs);
      // Each kind comes over its own connection; their revisions say what was first.
      let nowMs = beganAtMs;
      for (const { object, gone, atMs } of [...seen].sort((a, b) => revisionOf(a) - revisionOf(b))) {
        nowMs = Math.max(nowMs, atMs);
        recorder.see(object, gone ? 'gone' : 'changed', nowMs);
      }
      for (const event of daemon.events.slice(told))
        recordEvent(event, { recorder, touched: new Set(), refOf, now: nowMs });
      return recorder;
    },
  };
}

function revisionOf({ object }: Seen): number {
  return Number(object.metadata.resourceVersion);
}

function pathOf({ group, kind }: KindRef): string {
  return `${group === '' ? '/api/v1' : `/apis/${group}/v1`}/${kind.toLowerCase()}s`;
}

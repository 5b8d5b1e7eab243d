import type { PodAccess } from '../../api/pod-access.ts';
import type { EpochMs } from '../../base/clock.ts';
import { UserError } from '../../base/errors.ts';
import { cloneJson, isArray, isObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import type { Blob, CommitInfo, TreeFile } from '../../git/repository.ts';
import type { PodDriver } from '../../runtime/driver.ts';
import type { NodeSettings } from '../../runtime/node/node-settings.ts';
import type { Entry, Revision, Store } from '../../store/store.ts';
import type { DaemonPorts, DaemonSettings } from '../daemon.ts';
import type { FixedTree } from './fixed-repository.ts';

/** Where a simulation begins: everything a daemon has at one instant, and the revision it is to meet. */
export type ClusterSnapshot = {
  readonly nowMs: EpochMs;
  readonly runtime: PodDriver['name'];
  readonly settings: DaemonSettings;
  readonly machine: NodeSettings;
  readonly access: Omit<PodAccess, 'issueToken'> | null;
  readonly store: { readonly revision: Revision; readonly entries: readonly Entry[] };
  readonly tree: FixedTree;
};

const FORMAT = 1;
/** Events say what was; nothing is decided by them. */
const LEFT_OUT = ['//events/', '/events.k8s.io/events/'];

/** Takes it from a daemon's ports, without waiting: of one revision of the store. */
export function takeSnapshot(
  ports: Pick<DaemonPorts, 'clock' | 'driver' | 'machine' | 'access'> & { readonly store: Store },
  settings: DaemonSettings,
  tree: FixedTree,
): ClusterSnapshot {
  const { access, machine } = ports;
  const entries = ports.store
    .list('')
    .entries.filter(({ key }) => !LEFT_OUT.some((prefix) => key.startsWith(prefix)));
  return {
    nowMs: ports.clock.now(),
    runtime: ports.driver.name,
    settings,
    machine,
    access: access === undefined ? null : { ...access },
    store: { revision: ports.store.revision(), entries },
    tree,
  };
}

/** As it crosses the control socket, which only the owner can open: Secrets are in it as they are in the store. */
export function snapshotJson(snapshot: ClusterSnapshot): JsonValue {
  const { tree, store, machine, access, ...plain } = snapshot;
  const bytes = store.entries.reduce((sum, { value }) => sum + value.byteLength, 0);
  if (bytes > limits.simulationSnapshotBytesMax) {
    const most = limits.simulationSnapshotBytesMax / 1024 ** 2;
    throw new UserError(
      'TOO_LARGE',
      `a simulation begins from ${most} MiB of objects at most; there is more`,
    );
  }
  const blobs = [...tree.blobs].map(([oid, blob]) => [
    oid,
    blob.kind === 'bytes' ? { ...blob, bytes: Buffer.from(blob.bytes).toString('base64') } : { ...blob },
  ]);
  const entries = store.entries.map(({ key, value, revision }) => [
    key,
    Buffer.from(value).toString('utf8'),
    revision,
  ]);
  const { issueToken: _, ...shown } = (access ?? {}) as Partial<PodAccess>;
  return JSON.parse(
    JSON.stringify({
      ...plain,
      format: FORMAT,
      machine: cloneJson(machine),
      access: access === null ? null : shown,
      store: { revision: store.revision, entries },
      tree: { commit: tree.commit, files: tree.files, blobs },
    }),
  ) as JsonValue;
}

type SentBlob =
  | Exclude<Blob, { readonly kind: 'bytes' }>
  | { readonly kind: 'bytes'; readonly bytes: string };
type Sent = Omit<ClusterSnapshot, 'store' | 'tree'> & {
  readonly store: {
    readonly revision: Revision;
    readonly entries: readonly (readonly [string, string, Revision])[];
  };
  readonly tree: {
    readonly commit: CommitInfo;
    readonly files: readonly TreeFile[];
    readonly blobs: readonly (readonly [string, SentBlob])[];
  };
};

/** Reads back what `snapshotJson` made. UserError OTHER_VERSION where a daemon of another version made it. */
export function snapshotOf(value: JsonValue): ClusterSnapshot {
  const known =
    isObject(value) && value.format === FORMAT && isObject(value.store) && isArray(value.store.entries);
  if (!known) {
    throw new UserError('OTHER_VERSION', 'the daemon is of another version: start it anew to simulate');
  }
  const checked: unknown = value;
  const sent = checked as Sent;
  const encoder = new TextEncoder();
  return {
    ...sent,
    store: {
      revision: sent.store.revision,
      entries: sent.store.entries.map(([key, text, revision]) => ({
        key,
        value: encoder.encode(text),
        revision,
      })),
    },
    tree: {
      ...sent.tree,
      blobs: new Map(
        sent.tree.blobs.map(([oid, blob]): [string, Blob] => [
          oid,
          blob.kind === 'bytes' ? { ...blob, bytes: Buffer.from(blob.bytes, 'base64') } : blob,
        ]),
      ),
    },
  };
}

/** A cluster in which there is nothing yet but what every daemon makes. */
export function emptySnapshot(options: {
  readonly nowMs: EpochMs;
  readonly settings: DaemonSettings;
  readonly machine: NodeSettings;
  readonly tree: FixedTree;
}): ClusterSnapshot {
  return { ...options, runtime: 'simulated', access: null, store: { revision: 0, entries: [] } };
}

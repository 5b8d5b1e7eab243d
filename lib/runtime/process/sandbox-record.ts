import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { codeOf } from '../../base/errors.ts';
import { isArray, isObject, type JsonValue } from '../../base/json.ts';
import type { Sandbox } from '../driver.ts';
import { isPodUid, podLayout } from './pod-layout.ts';
import { isPodsAlone } from './pod-user.ts';

/** What is decided once for a sandbox and kept on disk, so that it survives everything. */
export type SandboxRecord = {
  readonly podUid: string;
  /** null: the machine was one node. */
  readonly nodeName: string | null;
  readonly namespace: string;
  readonly name: string;
  readonly hostname: string;
  /** Its place in the pod range: gives the address and the user. */
  readonly index: number;
  readonly podIP: string;
  /** The pod's own user; null: as ourselves. */
  readonly user: number | null;
  /** Container port → where it really listens. */
  readonly ports: readonly (readonly [number, number])[];
  readonly limitations: readonly string[];
};

export function sandboxOf(record: SandboxRecord): Sandbox {
  const { podUid, podIP, ports, limitations, user, nodeName } = record;
  const own = user !== null && isPodsAlone(user) ? { user } : {};
  return {
    podUid,
    podIP,
    ports: new Map(ports),
    limitations,
    ...own,
    ...(nodeName !== null && { nodeName }),
  };
}

/** By rename: a record is whole or not there. */
export function writeRecord(root: string, record: SandboxRecord): void {
  const path = podLayout(root, record.podUid).record;
  writeFileSync(`${path}.next`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.next`, path);
}

/** Every sandbox on disk, and the directories of pods that have none. */
export function readRecords(root: string): {
  readonly records: readonly SandboxRecord[];
  readonly others: readonly string[];
} {
  const records: SandboxRecord[] = [];
  const others: string[] = [];
  for (const name of readdirSync(root)) {
    const record = isPodUid(name) ? readRecord(root, name) : null;
    if (record === null) others.push(name);
    else records.push(record);
  }
  return { records, others };
}

function readRecord(root: string, podUid: string): SandboxRecord | null {
  try {
    const record = parseRecord(JSON.parse(readFileSync(podLayout(root, podUid).record, 'utf8')));
    return record?.podUid === podUid ? record : null;
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR' || thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

function parseRecord(value: JsonValue): SandboxRecord | null {
  if (!isObject(value) || !isArray(value.ports) || !isArray(value.limitations)) return null;
  const { podUid, namespace, name, hostname, index, podIP, user } = value;
  if (typeof podUid !== 'string' || typeof podIP !== 'string' || typeof index !== 'number') return null;
  const ports = value.ports.flatMap((pair) =>
    isArray(pair) && typeof pair[0] === 'number' && typeof pair[1] === 'number'
      ? [[pair[0], pair[1]] as const]
      : [],
  );
  return {
    podUid,
    nodeName: typeof value.nodeName === 'string' ? value.nodeName : null,
    namespace: String(namespace),
    name: String(name),
    hostname: String(hostname),
    index,
    podIP,
    user: typeof user === 'number' ? user : null,
    ports,
    limitations: value.limitations.map(String),
  };
}

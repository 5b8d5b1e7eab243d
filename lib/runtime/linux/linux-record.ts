import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { codeOf } from '../../base/errors.ts';
import { isArray, isObject, type JsonValue } from '../../base/json.ts';
import type { Sandbox, SandboxSpec } from '../driver.ts';
import { isPodUid } from '../process/pod-layout.ts';
import { linuxLayout } from './linux-layout.ts';

/** What is decided once for a sandbox, on disk: it survives all but the machine's next start. */
export type LinuxRecord = {
  readonly podUid: string;
  /** Of the machine's boot: what was made in another is gone. */
  readonly bootId: string;
  readonly podIP: string;
  /** `/run/netns/…`; null: the machine's network. */
  readonly netns: string | null;
  readonly spec: SandboxSpec;
  readonly limitations: readonly string[];
};

export function sandboxOfRecord({ podUid, podIP, spec, limitations }: LinuxRecord): Sandbox {
  const ports = new Map(spec.ports.map(({ port }) => [port, port]));
  return { podUid, podIP, ports, limitations, ...(spec.node && { nodeName: spec.node.name }) };
}

/** By rename: a record is whole or not there. */
export function writeLinuxRecord(root: string, record: LinuxRecord): void {
  const path = linuxLayout(root, record.podUid).sandbox;
  writeFileSync(`${path}.next`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.next`, path);
}

/** Every sandbox on disk, and the directories of pods that have none. */
export function readLinuxRecords(root: string): {
  readonly records: readonly LinuxRecord[];
  readonly others: readonly string[];
} {
  const records: LinuxRecord[] = [];
  const others: string[] = [];
  for (const name of readdirSync(root)) {
    if (name.startsWith('.')) continue;
    const record = isPodUid(name) ? readRecord(root, name) : null;
    if (record === null) others.push(name);
    else records.push(record);
  }
  return { records, others };
}

function readRecord(root: string, podUid: string): LinuxRecord | null {
  try {
    const record = parseRecord(JSON.parse(readFileSync(linuxLayout(root, podUid).sandbox, 'utf8')));
    return record?.podUid === podUid ? record : null;
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR'].includes(String(codeOf(thrown))) || thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

function parseRecord(value: JsonValue): LinuxRecord | null {
  if (!isObject(value) || !isObject(value.spec) || !isArray(value.limitations)) return null;
  const { podUid, bootId, podIP, netns } = value;
  if (typeof podUid !== 'string' || typeof bootId !== 'string' || typeof podIP !== 'string') return null;
  return {
    podUid,
    bootId,
    podIP,
    netns: typeof netns === 'string' ? netns : null,
    // We wrote it, whole, as it was given to us.
    spec: value.spec as SandboxSpec,
    limitations: value.limitations.map(String),
  };
}

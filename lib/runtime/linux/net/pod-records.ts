import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatIpv4, parseIpv4 } from '../../../api/admission/address-range.ts';
import { assert, codeOf, WorldError } from '../../../base/errors.ts';
import { isObject } from '../../../base/json.ts';
import { type NetworkPlan, podAddresses } from './network-plan.ts';

/** What one pod has of the network. Written before any of it is made, and removed after all of it is gone. */
export type PodRecord = {
  readonly podUid: string;
  readonly podIP: string;
  /** Name of the network namespace, in /run/netns. */
  readonly netns: string;
  /** The host's end of its cable: never the name of an earlier one, whose end may still be on its way out. */
  readonly link: string;
  /** Of the machine's boot in which it was made. */
  readonly bootId: string;
};

/** A pod's file: nothing that leads elsewhere. */
const POD_UID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** The records of a data directory. The disk is the truth; a file that cannot be read holds no address and is removed. */
export class PodRecords {
  readonly #directory: string;
  readonly #records = new Map<string, PodRecord>();
  /** By the part of the range that it was given out of. */
  readonly #last = new Map<string, number>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Reads them anew. */
  load(): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    this.#records.clear();
    for (const name of readdirSync(this.#directory)) {
      const record = name.endsWith('.json') ? readRecord(join(this.#directory, name)) : null;
      if (record === null || `${record.podUid}.json` !== name)
        rmSync(join(this.#directory, name), { force: true });
      else this.#records.set(record.podUid, record);
    }
    this.#last.clear();
  }

  all(): readonly PodRecord[] {
    return [...this.#records.values()];
  }

  get(podUid: string): PodRecord | undefined {
    return this.#records.get(podUid);
  }

  put(record: PodRecord): void {
    assert(POD_UID.test(record.podUid), 'a pod has a uid that can name a file');
    const path = this.#pathOf(record.podUid);
    writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
    // CRASH: what has another name than `.json` is removed by the next one that loads.
    renameSync(`${path}.new`, path);
    this.#records.set(record.podUid, record);
  }

  remove(podUid: string): void {
    rmSync(this.#pathOf(podUid), { force: true });
    this.#records.delete(podUid);
  }

  /** The next free one of the range, or of a part of it, round it: one that was just given back is the last to be given again. WorldError NO_POD_ADDRESS. */
  freeAddress(plan: NetworkPlan, part = plan.podRange): string {
    const { first, last } = addressesOf(plan, part);
    const taken = new Set(this.all().map(({ podIP }) => podIP));
    const highest = Math.max(
      0,
      ...[...taken].map((text) => parseIpv4(text) ?? 0).filter((address) => address <= last),
    );
    const before = this.#last.get(part) ?? highest;
    const from = before >= first && before < last ? before + 1 : first;
    const count = last - first + 1;
    for (let step = 0; step < count; step += 1) {
      const address = first + ((from - first + step) % count);
      const text = formatIpv4(address);
      if (taken.has(text)) continue;
      this.#last.set(part, address);
      return text;
    }
    throw new WorldError('NO_POD_ADDRESS', `every address of ${part} belongs to a pod`, { count });
  }

  #pathOf(podUid: string): string {
    return join(this.#directory, `${podUid}.json`);
  }
}

/** Of a part that is not of the range, all of it. */
function addressesOf(plan: NetworkPlan, part: string): { readonly first: number; readonly last: number } {
  const whole = podAddresses(plan);
  const own = podAddresses({ podRange: part });
  const isWithin = own.first >= whole.first && own.last <= whole.last;
  return isWithin ? own : whole;
}

function readRecord(path: string): PodRecord | null {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    if (thrown instanceof SyntaxError || codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
  if (!isObject(read)) return null;
  const { podUid, podIP, netns, link, bootId } = read;
  if (typeof podUid !== 'string' || !POD_UID.test(podUid)) return null;
  if (typeof podIP !== 'string' || parseIpv4(podIP) === null) return null;
  if (typeof netns !== 'string' || typeof link !== 'string' || typeof bootId !== 'string') return null;
  return { podUid, podIP, netns, link, bootId };
}

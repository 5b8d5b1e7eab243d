import type { EpochMs } from '../../base/clock.ts';
import { limits, timings } from '../../base/limits.ts';
import { servedName } from './metric-name.ts';
import type { ScrapedSample } from './prometheus-text.ts';
import { type Look, rateOf } from './rate.ts';

/** A value as it stands now, of one pod. */
export type WindowValue = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly atMs: EpochMs;
  readonly windowMs: number;
};

type Series = {
  /** What it takes, about: names and values of labels can be long. */
  readonly chars: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: ScrapedSample['kind'];
  /** Oldest first. Of a gauge, the last alone. */
  looks: readonly Look[];
};

/** What the pods of a node told lately: bounded in number and in time. Each pod is known by its uid. */
export class MetricWindow {
  readonly #pods = new Map<string, Map<string, Series>>();
  #count = 0;
  #chars = 0;

  /**
   * Takes up one scrape. What is no number, or beyond all measure, is left out; what is not in it any more goes. Answers how many values there was no room
   * for.
   */
  take(podUid: string, samples: readonly ScrapedSample[], atMs: EpochMs): number {
    const before = this.#pods.get(podUid) ?? new Map<string, Series>();
    this.forget(podUid);
    const after = new Map<string, Series>();
    let chars = 0;
    let left = 0;
    for (const { name, labels, kind, value } of samples) {
      if (!(Math.abs(value) <= limits.metricValueMax)) continue;
      const key = JSON.stringify([name, labels]);
      const isFull =
        this.#count + after.size >= limits.metricSeriesPerNodeMax ||
        this.#chars + chars + key.length > limits.metricCharsPerNodeMax;
      if (isFull && !after.has(key)) {
        left += 1;
        continue;
      }
      if (!after.has(key)) chars += key.length;
      const known = before.get(key);
      const look = { atMs, value };
      if (known === undefined || known.kind !== kind)
        after.set(key, { ...copied(key, kind), kind, looks: [look] });
      else {
        const fromMs = atMs - timings.metricRateWindowMs;
        const kept =
          kind === 'gauge' ? [] : known.looks.filter((each) => each.atMs >= fromMs && each.atMs < atMs);
        after.set(key, { ...known, looks: [...kept, look] });
      }
    }
    this.#count += after.size;
    this.#chars += chars;
    this.#pods.set(podUid, after);
    return left;
  }

  forget(podUid: string): void {
    const gone = this.#pods.get(podUid) ?? new Map<string, Series>();
    this.#count -= gone.size;
    for (const { chars } of gone.values()) this.#chars -= chars;
    this.#pods.delete(podUid);
  }

  /** What a pod said last, unless that is long ago; a gauge counts before a rate of the same name. */
  valuesOf(
    podUid: string,
    of: { readonly name: string | undefined; readonly now: EpochMs },
  ): readonly WindowValue[] {
    const values: WindowValue[] = [];
    const gauges = new Set<string>();
    for (const { name, labels, kind, looks } of this.#pods.get(podUid)?.values() ?? []) {
      const last = looks.at(-1);
      if ((of.name !== undefined && name !== of.name) || last === undefined) continue;
      if (last.atMs < of.now - timings.metricStaleMs) continue;
      const rate = kind === 'counter' ? rateOf(looks) : { perSecond: last.value, windowMs: 0 };
      if (rate === null) continue;
      if (kind === 'gauge') gauges.add(name);
      values.push({ name, labels, value: rate.perSecond, atMs: last.atMs, windowMs: rate.windowMs });
    }
    return gauges.size === 0
      ? values
      : values.filter(({ name, windowMs }) => windowMs === 0 || !gauges.has(name));
  }
}

/** Texts of its own: a piece of what a pod said, however short, would keep all that it said with it. */
function copied(key: string, kind: ScrapedSample['kind']): Pick<Series, 'chars' | 'name' | 'labels'> {
  const [name, labels]: readonly [string, ScrapedSample['labels']] = JSON.parse(key);
  return { chars: key.length, name: servedName({ name, kind }), labels: recordOf(labels) };
}

/** Without a prototype: labels come from anywhere. */
function recordOf(labels: ScrapedSample['labels']): Readonly<Record<string, string>> {
  const record: Record<string, string> = Object.create(null);
  for (const [name, value] of labels) record[name] = value;
  return record;
}

import type { Duplex } from 'node:stream';
import { isApiError } from '../../api/api-error.ts';
import type { EventRecorder } from '../../api/event-recorder.ts';
import type { PodMetric } from '../../api/node-agent.ts';
import type { Clock, DurationMs, Timer } from '../../base/clock.ts';
import { messageOf, WorldError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { fetchMetrics } from './fetch-metrics.ts';
import { MetricWindow } from './metric-window.ts';
import { pauseAfter } from './pause-after.ts';
import { readPrometheusText } from './prometheus-text.ts';
import { scrapeTargetOf } from './scrape-target.ts';

export type PodScraper = {
  /** A pod of the node is as it is now. */
  see(pod: Pod): void;
  /** It is the node's no more. */
  lose(podUid: string): void;
  /** What the pods said lately, of this metric or of all. */
  metrics(name?: string): readonly PodMetric[];
  stop(): void;
};

type Scraped = {
  pod: Pod;
  timer: Timer | null;
  /** In a row. */
  failures: number;
  told: boolean;
  /** How long everything else waited for what it said last. */
  readingMs: DurationMs;
};

/** So many in a row are a trouble and no restart. */
const FAILURES_TOLD_AFTER = 3;

/**
 * Asks the pods that tell metrics, each every few seconds, a few at once. What cannot be read is left out, and told as an event of the
 * pod, once until it can be read again. It keeps nothing beyond the process: rates are there again after two looks.
 */
export function podScraper(options: {
  readonly clock: Clock;
  readonly events: EventRecorder;
  /** A connection to a port of the pod. */
  readonly connect: (pod: Pod, port: number) => Promise<Duplex>;
}): PodScraper {
  const { clock, events } = options;
  const scraped = new Map<string, Scraped>();
  const window = new MetricWindow();
  const queue: (readonly [podUid: string, state: Scraped])[] = [];
  let running = 0;
  let stopped = false;

  const scrape = async (podUid: string, state: Scraped): Promise<void> => {
    const { pod } = state;
    const target = scrapeTargetOf(pod);
    if (target === null) return forget(podUid);
    try {
      if (typeof target === 'string') throw new WorldError('METRICS_UNREADABLE', target);
      const connect = (): Promise<Duplex> => options.connect(pod, target.port);
      const text = await fetchMetrics(target, { host: pod.status?.podIP ?? '', clock, connect });
      if (scraped.get(podUid) !== state) return;
      const beganAtMs = clock.now();
      const read = readPrometheusText(text);
      state.readingMs = clock.now() - beganAtMs;
      if (!read.ok) throw new WorldError('METRICS_UNREADABLE', `line ${read.line}: ${read.why}`);
      const left = window.take(podUid, read.samples, clock.now());
      if (left > 0) throw new WorldError('METRICS_UNREADABLE', `there is no room for ${left} of its values`);
      state.failures = 0;
      state.told = false;
    } catch (failure) {
      if (!(failure instanceof WorldError) && !isApiError(failure)) throw failure;
      state.failures += 1;
      if (state.failures < FAILURES_TOLD_AFTER || state.told || scraped.get(podUid) !== state) return;
      state.told = true;
      const message = `Its metrics cannot be read: ${messageOf(failure)}`;
      events.record(state.pod, { type: 'Warning', reason: 'MetricsUnreadable', message });
    }
  };
  const next = (): void => {
    while (running < limits.metricScrapesAtOnce && !stopped) {
      const first = queue.shift();
      if (first === undefined) return;
      const [podUid, state] = first;
      // It was lost, and perhaps found again, which queued it anew: however often that was, it is asked once.
      if (scraped.get(podUid) !== state) continue;
      running += 1;
      void scrape(podUid, state).finally(() => {
        running -= 1;
        if (scraped.get(podUid) === state && !stopped)
          state.timer = clock.setTimer(pauseAfter(state.readingMs), () => due(podUid, state));
        next();
      });
    }
  };
  const due = (podUid: string, state: Scraped): void => {
    queue.push([podUid, state]);
    next();
  };
  const forget = (podUid: string): void => {
    scraped.get(podUid)?.timer?.cancel();
    scraped.delete(podUid);
    window.forget(podUid);
  };
  return {
    see(pod) {
      const podUid = pod.metadata.uid ?? '';
      const known = scraped.get(podUid);
      if (known !== undefined) known.pod = pod;
      const wanted = scrapeTargetOf(pod) !== null;
      if (wanted && known === undefined && !stopped) {
        const state = { pod, timer: null, failures: 0, told: false, readingMs: 0 };
        scraped.set(podUid, state);
        due(podUid, state);
      } else if (!wanted) forget(podUid);
    },
    lose: forget,
    metrics(name) {
      const now = clock.now();
      return [...scraped].flatMap(([podUid, { pod }]) => {
        const { namespace = 'default', name: podName } = pod.metadata;
        return window.valuesOf(podUid, { name, now }).map((value) => ({ namespace, pod: podName, ...value }));
      });
    },
    stop() {
      stopped = true;
      for (const podUid of [...scraped.keys()]) forget(podUid);
    },
  };
}

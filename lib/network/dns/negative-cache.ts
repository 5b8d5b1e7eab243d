import type { EpochMs } from '../../base/clock.ts';
import { limits, timings } from '../../base/limits.ts';
import { packetIn, rcodeOf, rcodes } from './message.ts';

/** Answers that say that something is not there, for as long as they say it holds, and within bounds. */
export type NegativeCache = {
  get(question: Buffer, now: EpochMs): Buffer | null;
  put(question: Buffer, answer: Buffer, now: EpochMs): void;
};

type Kept = { readonly answer: Buffer; readonly untilMs: EpochMs };

export function negativeCache(): NegativeCache {
  /** In the order of coming; the oldest goes when there are too many. */
  const kept = new Map<string, Kept>();
  // All but its number: who asks in another way (size, security) may get another answer.
  const keyOf = (question: Buffer): string => question.toString('latin1', 2);
  return {
    get: (question, now) => {
      const found = kept.get(keyOf(question));
      return found === undefined || found.untilMs <= now ? null : found.answer;
    },
    put: (question, answer, now) => {
      const lifeMs = negativeLifeMs(answer);
      if (lifeMs <= 0) return;
      const key = keyOf(question);
      kept.delete(key);
      kept.set(key, { answer, untilMs: now + lifeMs });
      const oldest = kept.size > limits.dnsNegativeMax ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
    },
  };
}

/** 0: it is no such answer. Source: RFC 2308, the lesser of the record's life and what it says itself. */
function negativeLifeMs(answer: Buffer): number {
  const packet = packetIn(answer);
  const code = rcodeOf(answer);
  if (packet === null || (code !== rcodes.noError && code !== rcodes.nameError)) return 0;
  if ((packet.answers ?? []).length > 0) return 0;
  const soa = (packet.authorities ?? []).find(({ type }) => type === 'SOA');
  if (soa?.type !== 'SOA') return 0;
  const seconds = Math.min(soa.ttl ?? 0, soa.data.minimum ?? 0);
  return Math.min(seconds * 1000, timings.dnsNegativeMaxMs);
}

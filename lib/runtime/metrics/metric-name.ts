import type { ScrapedSample } from './prometheus-text.ts';

/** What a value is served as: a gauge by its own name, a counter as its rate: `requests_total` is `requests_per_second`. */
export function servedName({ name, kind }: Pick<ScrapedSample, 'name' | 'kind'>): string {
  return kind === 'gauge' ? name : `${name.replace(/_total$/, '')}_per_second`;
}

import { apiGroup } from '../../schema/discovery/discovery.ts';
import type { Exchange } from '../exchange.ts';
import { notServed } from '../wire/not-served.ts';
import { writeText } from '../wire/write-response.ts';

/** Below a group that is served a Status says so; anywhere else is no API, and a page. Source: apiserver's chain of handlers. */
export function answerUnknown({ deps, response }: Exchange, path: string): void {
  const [, prefix, group = ''] = path.split('/');
  if (prefix === 'api' || (prefix === 'apis' && apiGroup(deps.client.schema, group) !== undefined))
    throw notServed();
  writeText(response, 404, '404 page not found\n');
}

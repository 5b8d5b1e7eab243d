import type { WatchEvent } from '../../api/client.ts';
import type { Exchange } from '../exchange.ts';
import type { Form } from '../wire/accept.ts';
import { eventLine, type Line } from './event-line.ts';
import { partialObject, tableWriter } from './table-answer.ts';
import type { Target } from './target.ts';

/** Events as lines of JSON, in the form the client asked for. Lines that are bytes are shared by all watchers that ask for them. */
export type WatchEncoder = {
  event(event: WatchEvent): Line;
  /** A bookmark; `initialEnd` marks that all there was has been sent. */
  bookmark(resourceVersion: string, options?: { readonly initialEnd?: boolean }): string;
};

export async function watchEncoder(exchange: Exchange, target: Target, form: Form): Promise<WatchEncoder> {
  const { apiVersion, resource } = target;
  const table = form.as === 'Table' ? await tableWriter(exchange, target, form.version) : null;
  let columns = true;
  const lineOf = (event: Exclude<WatchEvent, { readonly type: 'BOOKMARK' }>): Line => {
    const { type, object } = event;
    switch (form.as) {
      case 'object':
        return eventLine(event, apiVersion);
      case 'PartialObjectMetadata':
        return `{"type":"${type}","object":${JSON.stringify(partialObject(object, form.version))}}\n`;
      case 'Table': {
        const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
        const text = table?.([object], metadata, { withoutColumns: !columns }) ?? '{}';
        columns = false;
        return `{"type":"${type}","object":${text}}\n`;
      }
    }
  };
  const bookmark: WatchEncoder['bookmark'] = (resourceVersion, { initialEnd = false } = {}) => {
    const annotations = initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
    const metadata = { resourceVersion, creationTimestamp: null, ...annotations };
    const ofMeta = form.as === 'object' ? null : `meta.k8s.io/${form.version}`;
    const partial = { kind: 'PartialObjectMetadata', apiVersion: ofMeta, metadata };
    const object =
      form.as === 'object'
        ? { kind: resource.kind, apiVersion, metadata }
        : form.as === 'Table'
          ? {
              kind: 'Table',
              apiVersion: ofMeta,
              metadata: { resourceVersion },
              columnDefinitions: [],
              rows: [{ cells: [], object: partial }],
            }
          : partial;
    return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
  };
  return {
    bookmark,
    event: (event) => (event.type === 'BOOKMARK' ? bookmark(event.resourceVersion) : lineOf(event)),
  };
}

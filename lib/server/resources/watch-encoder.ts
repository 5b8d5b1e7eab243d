import type { WatchEvent } from '../../api/client.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Exchange } from '../exchange.ts';
import type { Form } from '../wire/accept.ts';
import { servedText } from '../wire/served-text.ts';
import { partialObject, tableWriter } from './table-answer.ts';
import type { Target } from './target.ts';

/** Events as lines of JSON, in the form the client asked for. */
export type WatchEncoder = {
  event(event: WatchEvent): string;
  /** A bookmark; `initialEnd` marks that all there was has been sent. */
  bookmark(resourceVersion: string, options?: { readonly initialEnd?: boolean }): string;
};

export async function watchEncoder(exchange: Exchange, target: Target, form: Form): Promise<WatchEncoder> {
  const { apiVersion, resource } = target;
  const table = form.as === 'Table' ? await tableWriter(exchange, target, form.version) : null;
  let columns = true;
  const textOf = (object: KubeObject): string => {
    switch (form.as) {
      case 'object':
        return servedText(object, apiVersion);
      case 'PartialObjectMetadata':
        return JSON.stringify(partialObject(object, form.version));
      case 'Table': {
        const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
        const text = table?.([object], metadata, { withoutColumns: !columns }) ?? '{}';
        columns = false;
        return text;
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
    event: (event) =>
      event.type === 'BOOKMARK'
        ? bookmark(event.resourceVersion)
        : `{"type":"${event.type}","object":${textOf(event.object)}}\n`,
  };
}

import { ApiError } from '../../api/api-error.ts';
import type { ObjectList } from '../../api/client.ts';
import type { JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Exchange } from '../exchange.ts';
import { acceptedForm, type Form } from '../wire/accept.ts';
import { servedBytes } from '../wire/served-bytes.ts';
import { setWarnings, writeJson } from '../wire/write-response.ts';
import { partialObject, tableWriter } from './table-answer.ts';
import type { Target } from './target.ts';

/** NotAcceptable when the client reads nothing that is written. */
export function formOf({ request }: Exchange): Form {
  const form = acceptedForm(request.headers.accept);
  if (form !== null) return form;
  throw new ApiError('NotAcceptable', 'only the following media types are accepted: application/json');
}

/** One object, in the version and form it is asked for. */
export async function answerObject(
  exchange: Exchange,
  target: Target,
  { object, code = 200 }: { readonly object: KubeObject; readonly code?: number },
): Promise<void> {
  const form = formOf(exchange);
  const { apiVersion } = target;
  switch (form.as) {
    case 'object':
      return answerText(exchange, code, servedBytes(object, apiVersion));
    case 'Table': {
      const write = tableWriter(exchange, target, form.version);
      const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
      return answerText(exchange, code, write([object], metadata));
    }
    case 'PartialObjectMetadata':
      return answerText(exchange, code, JSON.stringify(partialObject(object, form.version)));
  }
}

export async function answerList(exchange: Exchange, target: Target, list: ObjectList): Promise<void> {
  const form = formOf(exchange);
  const metadata = listMetadata(list);
  const { apiVersion, resource } = target;
  switch (form.as) {
    case 'object': {
      const head = { kind: `${resource.kind}List`, apiVersion, metadata };
      return answerText(exchange, 200, listBytes(JSON.stringify(head), list.items, apiVersion));
    }
    case 'Table': {
      const write = tableWriter(exchange, target, form.version);
      return answerText(exchange, 200, write(list.items, metadata));
    }
    case 'PartialObjectMetadata': {
      const items = list.items.map((object) => partialObject(object, form.version));
      const { version } = form;
      const partial = {
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${version}`,
        metadata,
        items,
      };
      return answerText(exchange, 200, JSON.stringify(partial));
    }
  }
}

/** Anything else that is JSON: a Status, a Scale, a review. */
export function answerJson(exchange: Exchange, code: number, value: JsonObject): Promise<void> {
  formOf(exchange);
  return answerText(exchange, code, JSON.stringify(value));
}

const comma = Buffer.from(',');

/** A list with the items as they are stored. */
function listBytes(head: string, items: readonly KubeObject[], apiVersion: string): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`${head.slice(0, -1)},"items":[`)];
  for (const [at, object] of items.entries()) {
    if (at > 0) parts.push(comma);
    parts.push(servedBytes(object, apiVersion));
  }
  parts.push(Buffer.from(']}'));
  return Buffer.concat(parts);
}

function answerText(
  { response, warnings }: Exchange,
  code: number,
  text: string | Uint8Array,
): Promise<void> {
  setWarnings(response, warnings);
  return writeJson(response, code, text);
}

function listMetadata({ resourceVersion, continueToken, remainingItemCount }: ObjectList): JsonObject {
  return {
    resourceVersion,
    ...(continueToken && { continue: continueToken }),
    ...(remainingItemCount && { remainingItemCount }),
  };
}

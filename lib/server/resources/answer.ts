import { ApiError } from '../../api/api-error.ts';
import type { ObjectList } from '../../api/client.ts';
import type { JsonObject } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Exchange } from '../exchange.ts';
import { workIsDone } from '../fairness/received-body.ts';
import { acceptedForm, type Form } from '../wire/accept.ts';
import { servedBytes } from '../wire/served-bytes.ts';
import { type Piece, writePieces } from '../wire/write-pieces.ts';
import { setWarnings } from '../wire/write-response.ts';
import { partialObject, tableMaker, tableWriter } from './table-answer.ts';
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
      return answerPieces(exchange, code, [servedBytes(object, apiVersion)]);
    case 'Table': {
      const write = tableWriter(exchange, target, form.version);
      const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
      return answerPieces(exchange, code, [write([object], metadata)]);
    }
    case 'PartialObjectMetadata':
      return answerPieces(exchange, code, [JSON.stringify(partialObject(object, form.version))]);
  }
}

export async function answerList(exchange: Exchange, target: Target, list: ObjectList): Promise<void> {
  const form = formOf(exchange);
  const metadata = listMetadata(list);
  const { apiVersion, resource } = target;
  switch (form.as) {
    case 'object': {
      const head = { kind: `${resource.kind}List`, apiVersion, metadata };
      const itemOf = (object: KubeObject): Piece => servedBytes(object, apiVersion);
      return answerPieces(exchange, 200, listPieces(head, list.items, itemOf));
    }
    case 'Table':
      return answerPieces(exchange, 200, tablePieces(exchange, target, { list, metadata, form }));
    case 'PartialObjectMetadata': {
      const { version } = form;
      const head = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${version}`, metadata };
      const itemOf = (object: KubeObject): Piece => JSON.stringify(partialObject(object, version));
      return answerPieces(exchange, 200, listPieces(head, list.items, itemOf));
    }
  }
}

/** Anything else that is JSON: a Status, a Scale, a review. */
export function answerJson(exchange: Exchange, code: number, value: JsonObject): Promise<void> {
  formOf(exchange);
  return answerPieces(exchange, code, [JSON.stringify(value)]);
}

const comma = Buffer.from(',');

/** A list, of which each item is made when it is written. */
function* listPieces(
  head: JsonObject,
  objects: readonly KubeObject[],
  itemOf: (object: KubeObject) => Piece,
): Generator<Piece> {
  yield `${JSON.stringify(head).slice(0, -1)},"items":[`;
  for (const [at, object] of objects.entries()) {
    if (at > 0) yield comma;
    yield itemOf(object);
  }
  yield ']}';
}

/** A Table, of which some rows are made at a time. */
function* tablePieces(
  exchange: Exchange,
  target: Target,
  of: {
    readonly list: ObjectList;
    readonly metadata: JsonObject;
    readonly form: Extract<Form, { readonly as: 'Table' }>;
  },
): Generator<Piece> {
  const { list, metadata, form } = of;
  const table = tableMaker(exchange, target, form.version);
  const { rows: _none, ...head } = table([], metadata);
  yield `${JSON.stringify(head).slice(0, -1)},"rows":[`;
  for (let at = 0; at < list.items.length; at += limits.serverTableRowsPerPiece) {
    if (at > 0) yield comma;
    const objects = list.items.slice(at, at + limits.serverTableRowsPerPiece);
    const { rows } = table(objects, {}, { withoutColumns: true });
    yield JSON.stringify(rows).slice(1, -1);
  }
  yield ']}';
}

function answerPieces(
  { response, warnings, deps }: Exchange,
  code: number,
  pieces: Iterable<Piece>,
): Promise<void> {
  workIsDone(response);
  setWarnings(response, warnings);
  return writePieces(response, { clock: deps.clock, code }, pieces);
}

function listMetadata({ resourceVersion, continueToken, remainingItemCount }: ObjectList): JsonObject {
  return {
    resourceVersion,
    ...(continueToken && { continue: continueToken }),
    ...(remainingItemCount && { remainingItemCount }),
  };
}

import { hourMs } from '../../base/clock.ts';
import type { GroupVersion } from '../../schema/discovery/served-resources.ts';
import { apiVersionOf } from '../../schema/object.ts';
import { openapiIndex } from '../../schema/openapi/openapi.ts';
import { openapiV2Document, openapiV2MediaType } from '../../schema/openapi/openapi-v2.ts';
import type { Schema } from '../../schema/schema.ts';
import type { Exchange } from '../exchange.ts';
import { notServed } from '../wire/not-served.ts';
import { acceptsGzip, send, writeJson } from '../wire/write-response.ts';
import { type OpenapiDocument, OpenapiDocuments, textOf } from './openapi-documents.ts';

/** One store of documents for as long as its schema lives, which may grow. */
const stores = new WeakMap<Schema, OpenapiDocuments>();

/** A year: a document under its hash never changes. */
const IMMUTABLE_MS = 365 * 24 * hourMs;

/** `/openapi/v2`, `/openapi/v3` and the documents below it. */
export async function answerOpenapi(exchange: Exchange, path: string): Promise<void> {
  const { response, deps } = exchange;
  const { schema } = deps.client;
  if (path === '/openapi/v2') {
    response.setHeader('content-type', openapiV2MediaType);
    return send(response, Buffer.from(openapiV2Document()));
  }
  const documents = stores.get(schema) ?? new OpenapiDocuments(schema);
  stores.set(schema, documents);
  if (path === '/openapi/v3') {
    const hashes = await documents.hashes();
    const hashOf = ({ group, version }: GroupVersion): string =>
      hashes.get(apiVersionOf(group, version)) ?? '';
    return writeJson(response, 200, JSON.stringify(openapiIndex(schema, hashOf)));
  }
  const of = groupVersionOf(path);
  const document = of === null ? null : await documents.document(of);
  if (document === null) throw notServed();
  await answerDocument(exchange, path, document);
}

/**
 * A document under its own hash may be kept for good; under another one, the client is sent on; without one, it asks again each time
 * and is told when nothing changed. Source: kube-openapi handler3.
 */
async function answerDocument(exchange: Exchange, path: string, document: OpenapiDocument): Promise<void> {
  const { request, response, query, deps } = exchange;
  const asked = query.get('hash') ?? '';
  if (asked !== '' && asked !== document.hash) {
    response.statusCode = 301;
    response.setHeader('location', `${path}?hash=${document.hash}`);
    return send(response, Buffer.alloc(0));
  }
  response.setHeader('etag', `"${document.hash}"`);
  response.setHeader('vary', 'accept-encoding, accept');
  if (asked === '') response.setHeader('cache-control', 'no-cache, private');
  else {
    response.setHeader('cache-control', 'public, immutable');
    response.setHeader('expires', new Date(deps.clock.now() + IMMUTABLE_MS).toUTCString());
  }
  if (isKnown(request.headers['if-none-match'], document.hash)) {
    response.statusCode = 304;
    response.end();
    return;
  }
  response.statusCode = 200;
  response.setHeader('content-type', 'application/json');
  if (!acceptsGzip(response)) return send(response, await textOf(document));
  response.setHeader('content-encoding', 'gzip');
  send(response, document.gzipped);
}

/** Whether `If-None-Match` names the document. Proxies that compress mark a tag as weak. */
function isKnown(header: string | undefined, hash: string): boolean {
  if (header === undefined) return false;
  return header
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === '*' || tag === `"${hash}"`);
}

function groupVersionOf(path: string): GroupVersion | null {
  const core = /^\/openapi\/v3\/api\/([^/]+)$/.exec(path);
  if (core !== null) return { group: '', version: core[1] ?? '' };
  const other = /^\/openapi\/v3\/apis\/([^/]+)\/([^/]+)$/.exec(path);
  return other === null ? null : { group: other[1] ?? '', version: other[2] ?? '' };
}

import { createHash } from 'node:crypto';
import type { JsonObject } from '../../base/json.ts';
import type { GroupVersion } from '../../schema/discovery/served-resources.ts';
import { openapiGroup, openapiIndex } from '../../schema/openapi/openapi.ts';
import { openapiV2Document, openapiV2MediaType } from '../../schema/openapi/openapi-v2.ts';
import type { Kind } from '../../schema/schema.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { notServed } from '../wire/not-served.ts';
import { send, writeJson } from '../wire/write-response.ts';

type Document = { readonly text: string; readonly hash: string };

/** Documents by path, for as long as the kinds are the same: making one costs milliseconds, and kubectl asks with every apply. */
const written = new WeakMap<readonly Kind[], Map<string, Document | null>>();

/** `/openapi/v2`, `/openapi/v3` and the documents below it. */
export async function answerOpenapi(exchange: Exchange, path: string): Promise<void> {
  const { response, deps } = exchange;
  if (path === '/openapi/v2') {
    response.setHeader('content-type', openapiV2MediaType);
    return send(response, Buffer.from(openapiV2Document()));
  }
  if (path === '/openapi/v3') {
    // Hashes of all documents would cost all documents; a client that has one asks with its ETag anyway.
    const hash = kindsHash(deps.client.schema.kinds);
    return writeJson(response, 200, JSON.stringify(openapiIndex(deps.client.schema, () => hash)));
  }
  const of = groupVersionOf(path);
  const document = of === null ? null : await documentOf(exchange, path, of);
  if (document === null) throw notServed();
  response.setHeader('etag', `"${document.hash}"`);
  if (exchange.request.headers['if-none-match'] === `"${document.hash}"`) {
    response.statusCode = 304;
    response.end();
    return;
  }
  await writeJson(response, 200, document.text);
}

function groupVersionOf(path: string): GroupVersion | null {
  const core = /^\/openapi\/v3\/api\/([^/]+)$/.exec(path);
  if (core !== null) return { group: '', version: core[1] ?? '' };
  const other = /^\/openapi\/v3\/apis\/([^/]+)\/([^/]+)$/.exec(path);
  return other === null ? null : { group: other[1] ?? '', version: other[2] ?? '' };
}

async function documentOf(exchange: Exchange, path: string, of: GroupVersion): Promise<Document | null> {
  const { schema } = exchange.deps.client;
  const known = written.get(schema.kinds) ?? new Map<string, Document | null>();
  written.set(schema.kinds, known);
  const before = known.get(path);
  if (before !== undefined) return before;
  const kind = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };
  const { items } = await exchange.deps.client.list(kind, {}, callerOf(exchange));
  const document = openapiGroup(schema, of, { definitions: items });
  // Unknown paths are not remembered: there is no end to them.
  if (document === undefined) return null;
  const made = writtenDocument(document);
  known.set(path, made);
  return made;
}

function writtenDocument(document: JsonObject): Document {
  const text = JSON.stringify(document);
  return { text, hash: createHash('sha256').update(text).digest('hex').toUpperCase() };
}

function kindsHash(kinds: readonly Kind[]): string {
  const names = kinds.map(({ group, kind, versions }) => `${group}/${versions.join()}/${kind}`);
  return createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 32).toUpperCase();
}

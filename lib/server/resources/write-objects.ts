import { ApiError } from '../../api/api-error.ts';
import type { Patch } from '../../api/client.ts';
import { deleteCollection } from '../../api/delete-collection.ts';
import { undecodable } from '../../api/undecodable.ts';
import type { JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Subresource } from '../../schema/schema.ts';
import { forbiddenRequest } from '../authorization/forbidden-request.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { receivedBody } from '../fairness/received-body.ts';
import { decodeObject, mediaTypeOf } from '../wire/read-body.ts';
import { successStatus } from '../wire/status-object.ts';
import { answerJson, answerList, answerObject, formOf } from './answer.ts';
import { withDefaultPropagation } from './default-propagation.ts';
import { deleteOptions } from './delete-options.ts';
import { newestRevision } from './newest-revision.ts';
import { selection } from './read-list.ts';
import { readPatch } from './read-patch.ts';
import { namespaceOf, objectFor, objectNamed, refOfTarget, type Target } from './target.ts';

export async function createObject(exchange: Exchange, target: Target): Promise<void> {
  formOf(exchange);
  if (target.kind.namespaced && target.info.namespace === '') {
    throw new ApiError('BadRequest', 'an empty namespace may not be set during creation');
  }
  const given = objectFor(target, await readObject(exchange, target));
  const object = await exchange.deps.client.create(given, callerOf(exchange));
  await answerObject(exchange, target, { object, code: 201 });
}

export async function updateObject(
  exchange: Exchange,
  target: Target,
  subresource?: Subresource,
): Promise<void> {
  formOf(exchange);
  const given = objectNamed(target, await readObject(exchange, target));
  const object = await exchange.deps.client.update(given, callerOf(exchange), {
    ...(subresource && { subresource }),
  });
  await answerObject(exchange, target, { object });
}

export async function patchObject(
  exchange: Exchange,
  target: Target,
  subresource?: Subresource,
): Promise<void> {
  formOf(exchange);
  const { request, deps } = exchange;
  const patch = readPatch(await receivedBody(exchange), mediaTypeOf(request), exchange.query);
  const options = { ...(subresource && { subresource }), apiVersion: target.apiVersion };
  const ref = refOfTarget(target);
  const caller = callerOf(exchange);
  const isNew = patch.type === 'apply' && (await deps.client.get(ref, caller)) === null;
  if (isNew) await requireCreate(exchange, target);
  // Whoever was not asked whether he may create does not, though the object goes just now.
  const asked = patch.type === 'apply' && !isNew ? { ...patch, mustExist: true } : patch;
  const object = await deps.client.patch(ref, namespaced(asked, target), caller, options);
  await answerObject(exchange, target, { object, code: isNew ? 201 : 200 });
}

/** Who applies what is not there makes it, and has to be allowed to. Source: apiserver handlers/patch.go. */
async function requireCreate({ deps, identity }: Exchange, { info }: Target): Promise<void> {
  const wanted = { ...info, verb: 'create' };
  if (!(await deps.authorizer.allows(identity, wanted))) throw forbiddenRequest(identity, wanted);
}

/** What is applied may leave out what the URL says. */
function namespaced(patch: Patch, target: Target): Patch {
  return patch.type === 'apply' ? { ...patch, object: objectNamed(target, patch.object) } : patch;
}

export async function deleteObject(exchange: Exchange, target: Target): Promise<void> {
  formOf(exchange);
  const { options, dryRun } = deleteOptions(await readOptionalObject(exchange), exchange.query);
  const { client } = exchange.deps;
  const ref = refOfTarget(target);
  const caller = callerOf(exchange, { dryRun });
  // Only for its uid, which clients wait for to be gone.
  const before = await client.get(ref, caller);
  const warn = (text: string): void => caller.onWarning?.(text);
  const asked = withDefaultPropagation(options, { kind: target.kind, before, warn });
  const left = await client.delete(ref, asked, caller);
  if (left !== null) return answerObject(exchange, target, { object: left });
  const { group, plural } = target.kind;
  await answerJson(
    exchange,
    200,
    successStatus({ name: ref.name, group, plural, uid: before?.metadata.uid }),
  );
}

export async function deleteObjects(exchange: Exchange, target: Target): Promise<void> {
  formOf(exchange);
  const { options, dryRun } = deleteOptions(await readOptionalObject(exchange), exchange.query);
  const { client } = exchange.deps;
  const caller = callerOf(exchange, { dryRun });
  const warn = (text: string): void => caller.onWarning?.(text);
  const asked = withDefaultPropagation(options, { kind: target.kind, before: null, warn });
  const of = { selection: selection(exchange.query, namespaceOf(target)), options: asked };
  const items: readonly KubeObject[] = await deleteCollection(client, target.kind, of, caller);
  const resourceVersion = await newestRevision(exchange);
  await answerList(exchange, target, { items, resourceVersion });
}

/** `target`: what it is read as; then fields that stand twice are told of, or refused, as the query asks. */
export async function readObject(exchange: Exchange, target?: Target): Promise<JsonObject> {
  const { request } = exchange;
  const body = await receivedBody(exchange);
  if (target === undefined) return decodeObject(body, mediaTypeOf(request));
  const { fieldValidation, onWarning } = callerOf(exchange);
  const duplicates: string[] = [];
  const value = decodeObject(body, mediaTypeOf(request), (text) => duplicates.push(text));
  if (duplicates.length === 0 || fieldValidation === 'Ignore') return value;
  if (fieldValidation === 'Strict') {
    const given = { apiVersion: target.apiVersion, kind: target.kind.kind, metadata: { name: '' } };
    throw undecodable(target.kind, given, `strict decoding error: ${duplicates.join(', ')}`);
  }
  for (const text of duplicates) onWarning?.(text);
  return value;
}

/** `{}` where there is no body. */
export async function readOptionalObject(exchange: Exchange): Promise<JsonObject> {
  const { request } = exchange;
  const body = await receivedBody(exchange);
  return body.length === 0 ? {} : decodeObject(body, mediaTypeOf(request));
}

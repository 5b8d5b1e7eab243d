import { cloneJson } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import { noSuchKind, notFound } from './api-failures.ts';
import { applyPatch } from './apply-patch.ts';
import type { Operation } from './client.ts';
import { readObject } from './conform-object.ts';
import { checkPreconditions } from './object-metadata.ts';
import { patched } from './patched.ts';
import { sameObject } from './same-object.ts';
import { replaceObject } from './update-object.ts';
import type { WriteContext } from './write-context.ts';

export function patchObject(
  context: WriteContext,
  operation: Extract<Operation, { readonly op: 'patch' }>,
): KubeObject {
  const { ref, patch, preconditions, subresource } = operation;
  const kind = context.schema.kind(ref);
  if (kind === undefined) throw noSuchKind(ref.group, ref.kind);
  const previous = context.staging.get(kind, ref);
  if (patch.type === 'apply') return applyPatch(context, { kind, ref, previous, subresource }, patch);
  if (previous === undefined) throw notFound(kind, ref.name);
  checkPreconditions(kind, previous, preconditions ?? {});
  const given = sameObject(kind, previous, cloneJson(patched(context.schema, kind, { previous, patch })));
  // A patch may carry a resourceVersion or uid of its own: then it is a precondition.
  const { uid, resourceVersion } = given.metadata;
  checkPreconditions(kind, previous, { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) });
  const read = readObject(context.schema, kind, { given, caller: context.caller });
  return replaceObject(context, { kind, previous, read, subresource });
}

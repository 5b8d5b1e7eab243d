import { cloneJson } from '../base/json.ts';
import { type KubeObject, versionOf } from '../schema/object.ts';
import type { Kind, Schema } from '../schema/schema.ts';
import { servedForm } from '../schema/served-form.ts';
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
  const { ref, patch, preconditions, subresource, apiVersion } = operation;
  const kind = context.schema.kind(ref);
  if (kind === undefined) throw noSuchKind(ref.group, ref.kind);
  const previous = context.staging.get(kind, ref);
  if (patch.type === 'apply') return applyPatch(context, { kind, ref, previous, subresource }, patch);
  if (previous === undefined) throw notFound(kind, ref.name);
  checkPreconditions(kind, previous, preconditions ?? {});
  // In the form that the patch was made for; reading it puts it back into the stored one.
  const form = apiVersion === undefined ? previous : servedForm(previous, apiVersion);
  const changed = patched(context.schema, patchedKind(context.schema, kind, form), { previous: form, patch });
  const given = sameObject(kind, form, cloneJson(changed));
  // A patch may carry a resourceVersion or uid of its own: then it is a precondition.
  const { uid, resourceVersion } = given.metadata;
  checkPreconditions(kind, previous, { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) });
  const read = readObject(context.schema, kind, { given, caller: context.caller, subresource, previous });
  return replaceObject(context, { kind, previous, read, subresource, apiVersion });
}

/** The kind with the type that its lists merge by in the version of the patch. */
function patchedKind(schema: Schema, kind: Kind, form: KubeObject): Kind {
  if (versionOf(form.apiVersion) === kind.version && !form.apiVersion.startsWith('events.k8s.io/'))
    return kind;
  const [group = ''] = form.apiVersion.split('/').slice(0, -1);
  const typeName =
    kind.custom === undefined
      ? `io.k8s.api.${group.split('.')[0]}.${versionOf(form.apiVersion)}.${kind.kind}`
      : `custom.${group}.${versionOf(form.apiVersion)}.${kind.kind}`;
  return schema.type(typeName) === undefined ? kind : { ...kind, typeName };
}

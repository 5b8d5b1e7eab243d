import { UserError } from '../base/errors.ts';
import { deepEqual } from '../base/json.ts';
import { convertToStored } from '../schema/conversion.ts';
import { applyServerSide } from '../schema/managed-fields/apply-server-side.ts';
import { apiVersionOf, type KubeObject, type ObjectRef } from '../schema/object.ts';
import type { Kind, Subresource } from '../schema/schema.ts';
import { ApiError } from './api-error.ts';
import { conflict, notFound } from './api-failures.ts';
import type { Patch } from './client.ts';
import { readObject } from './conform-object.ts';
import { createObject } from './create-object.ts';
import { checkPreconditions } from './object-metadata.ts';
import { knownPart } from './read-custom-object.ts';
import { sameObject } from './same-object.ts';
import { storableKind } from './storable-kind.ts';
import { claimed, ownedAs } from './track-fields.ts';
import { withoutUnknownFields } from './unknown-fields.ts';
import { replaceObject } from './update-object.ts';
import type { WriteContext } from './write-context.ts';

/**
 * Server-side apply: the caller's field manager owns exactly what it applies. An object that is not there is made. Conflict with every
 * field that others own; BadRequest when what is applied cannot be told apart, or is another object.
 */
export function applyPatch(
  context: WriteContext,
  at: {
    readonly kind: Kind;
    readonly ref: ObjectRef;
    readonly previous: KubeObject | undefined;
    readonly subresource: Subresource | undefined;
  },
  patch: Extract<Patch, { readonly type: 'apply' }>,
): KubeObject {
  const { kind, ref, previous, subresource } = at;
  storableKind(context.schema, patch.object.apiVersion, patch.object.kind);
  const isMissed = subresource !== undefined || patch.mustExist === true;
  if (previous === undefined && isMissed) throw notFound(kind, ref.name);
  checkMeant(kind, ref.name, { previous, applied: patch.object });
  const applied = appliedObject(context, at, patch.object);
  const live = previous === undefined ? null : claimed(context, kind, previous);
  const result = decide(context, {
    ...at,
    live,
    applied,
    force: patch.force,
    apiVersion: patch.object.apiVersion,
  });
  if (result.conflicts !== undefined) {
    throw new ApiError('Conflict', result.conflicts.message, { causes: result.conflicts.causes });
  }
  const { object, managedFields } = result;
  if (previous === undefined) return createObject(context, object, managedFields);
  if (object === live && deepEqual(previous.metadata.managedFields, managedFields)) return previous;
  const read = readObject(context.schema, kind, { given: object, caller: context.caller, previous });
  return replaceObject(context, { kind, previous, read, subresource, managedFields });
}

/** What is applied may say which object it is for, and as it was when. Source: apiserver's update of an applied object. */
function checkMeant(
  kind: Kind,
  name: string,
  of: { readonly previous: KubeObject | undefined; readonly applied: KubeObject },
): void {
  const { uid, resourceVersion } = of.applied.metadata;
  if (of.previous !== undefined) {
    checkPreconditions(kind, of.previous, {
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
    });
    return;
  }
  if (!uid) return;
  const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
  throw conflict(kind, name, why);
}

/** What was sent, in the stored version, named as the URL names it. It need not be whole. */
function appliedObject(
  { schema, caller }: WriteContext,
  { kind, ref, previous }: Parameters<typeof applyPatch>[1],
  given: KubeObject,
): KubeObject {
  // Of a custom resource nothing is filled in: what stands in it is what the manager wants to own.
  const { object, findings } =
    kind.custom === undefined
      ? convertToStored(schema, given)
      : {
          object: { ...knownPart(schema, kind, { given, caller }), apiVersion: storedVersion(kind) },
          findings: [],
        };
  if (object === undefined) {
    throw new ApiError('BadRequest', findings.map((finding) => finding.message).join(' '));
  }
  const named = previous ?? {
    apiVersion: object.apiVersion,
    kind: kind.kind,
    metadata: { name: ref.name, namespace: ref.namespace },
  };
  const same = sameObject(kind, named, object);
  return withoutUnknownFields(schema, kind, { object: same, given, caller });
}

function storedVersion(kind: Kind): string {
  return apiVersionOf(kind.group, kind.version);
}

function decide(
  { schema, caller, now }: WriteContext,
  of: {
    readonly kind: Kind;
    readonly live: KubeObject | null;
    readonly applied: KubeObject;
    readonly force: boolean;
    readonly subresource: Subresource | undefined;
    readonly apiVersion: string;
  },
): ReturnType<typeof applyServerSide> {
  const { kind, live, applied, force, subresource = '' } = of;
  try {
    return applyServerSide({
      schema,
      kind,
      live,
      applied,
      manager: caller.fieldManager,
      apiVersion: ownedAs(kind, of.apiVersion),
      force,
      subresource,
      now,
    });
  } catch (failure) {
    if (failure instanceof UserError) throw new ApiError('BadRequest', failure.message);
    throw failure;
  }
}

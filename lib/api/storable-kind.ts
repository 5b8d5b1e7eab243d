import type { Kind, Schema } from '../schema/schema.ts';
import { ApiError } from './api-error.ts';
import { noSuchKind } from './api-failures.ts';

/** Kinds that are questions or commands: answered, never kept. */
const NEVER_KEPT: ReadonlySet<string> = new Set([
  '/Binding',
  '/ComponentStatus',
  'authentication.k8s.io/SelfSubjectReview',
  'authentication.k8s.io/TokenReview',
  'authorization.k8s.io/LocalSubjectAccessReview',
  'authorization.k8s.io/SelfSubjectAccessReview',
  'authorization.k8s.io/SelfSubjectRulesReview',
  'authorization.k8s.io/SubjectAccessReview',
]);

export function isKept(kind: Kind): boolean {
  return !NEVER_KEPT.has(`${kind.group}/${kind.kind}`);
}

/** The kind to keep an object as. NotFound when the schema has none, MethodNotAllowed when it is never kept. */
export function storableKind(schema: Schema, apiVersion: string, kindName: string): Kind {
  const kind = schema.kindOf(apiVersion, kindName);
  if (kind === undefined) throw noSuchKind(apiVersion, kindName);
  if (isKept(kind)) return kind;
  throw new ApiError('MethodNotAllowed', `objects of kind ${kind.kind} are not kept`, {
    details: { group: kind.group, kind: kind.plural },
  });
}

/** A definition on its way out takes its objects with it: nothing new is made. Source: apiextensions customresource_handler.go. */
export function refuseWhileTerminating(kind: Kind): void {
  if (kind.custom?.terminating !== true) return;
  throw new ApiError(
    'MethodNotAllowed',
    'create not allowed while custom resource definition is terminating',
    { details: { group: kind.group, kind: kind.plural } },
  );
}

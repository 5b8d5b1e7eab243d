import { isApiError } from '../../api/api-error.ts';
import { CLEANUP_FINALIZER } from '../../api/definition-cleanup.ts';
import { isObject } from '../../base/json.ts';
import { limits, timings } from '../../base/limits.ts';
import { nameConflicts } from '../../schema/custom-resources.ts';
import { type KindRef, type KubeObject, type ObjectRef, refOf } from '../../schema/object.ts';
import {
  againAt,
  type Context,
  type Controller,
  done,
  type Result,
  watching,
} from '../harness/controller.ts';
import { decideStatus } from './decide.ts';

const DEFINITION = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' } as const;

/**
 * Says of every CustomResourceDefinition whether it is served, and takes the objects of one on its way out with it. A definition that
 * changes may free a name for others of its group.
 */
export function customResourceDefinitionController(): Controller {
  return {
    name: 'customresourcedefinition-controller',
    kind: DEFINITION,
    watches: [
      watching(DEFINITION, (changed, informers) =>
        [...informers.of(DEFINITION).objects.values()]
          .filter((other) => groupOfDefinition(other) === groupOfDefinition(changed))
          .map(({ metadata }) => `/${metadata.name}`),
      ),
    ],
    reconcile,
  };
}

function groupOfDefinition({ spec }: KubeObject): unknown {
  return isObject(spec) ? spec.group : undefined;
}

async function reconcile(ref: ObjectRef, context: Context): Promise<Result> {
  const { informers, client, caller, now } = context;
  const definitions = informers.of(DEFINITION);
  const definition = definitions.get(ref);
  if (definition === undefined) return done;
  const conflict = nameConflicts(client.schema, [...definitions.objects.values()]).get(definition);
  if (definition.metadata.deletionTimestamp !== undefined) {
    return conflict === undefined ? cleanUp(definition, context) : release(definition, context);
  }
  const status = decideStatus(definition, { conflict, now });
  if (status !== null) await client.update({ ...definition, status }, caller, { subresource: 'status' });
  return done;
}

/** Deletes the objects of a definition, and lets it go when none is left. Finalizers of theirs take their time. */
async function cleanUp(definition: KubeObject, context: Context): Promise<Result> {
  if (definition.metadata.finalizers?.includes(CLEANUP_FINALIZER) !== true) return done;
  const { client, caller, now } = context;
  const kind = kindOf(definition);
  // Of a kind that is not served (the definition was broken, say) nothing can be there.
  if (kind === null || client.schema.kind(kind) === undefined) return release(definition, context);
  const { items, continueToken } = await client.list(kind, { limit: limits.garbageBatchObjects }, caller);
  for (const object of items) {
    if (object.metadata.deletionTimestamp !== undefined) continue;
    try {
      await client.delete(refOf(object), { propagation: 'Background' }, caller);
    } catch (failure) {
      if (!isApiError(failure, 'NotFound')) throw failure;
    }
  }
  if (items.length === 0) return release(definition, context);
  return againAt(continueToken === undefined ? now + timings.definitionCleanupMs : now);
}

function kindOf({ spec }: KubeObject): KindRef | null {
  if (!isObject(spec) || !isObject(spec.names)) return null;
  const { group, names } = spec;
  return typeof group === 'string' && typeof names.kind === 'string' ? { group, kind: names.kind } : null;
}

async function release(definition: KubeObject, { client, caller }: Context): Promise<Result> {
  const { finalizers = [], ...metadata } = definition.metadata;
  if (!finalizers.includes(CLEANUP_FINALIZER)) return done;
  const left = finalizers.filter((finalizer) => finalizer !== CLEANUP_FINALIZER);
  await client.update({ ...definition, metadata: { ...metadata, finalizers: left } }, caller);
  return done;
}

import { ApiError } from '../../api/api-error.ts';
import type { DeleteOptions } from '../../api/client.ts';
import { isArray, isObject, type JsonObject } from '../../base/json.ts';
import { isDryRun } from '../exchange.ts';

export type AskedDeletion = { readonly options: DeleteOptions; readonly dryRun: boolean };

const PROPAGATIONS = ['Background', 'Foreground', 'Orphan'] as const;

/** How to delete, from the body (metav1 DeleteOptions; `{}` when there is none) and, where that is silent, the query. */
export function deleteOptions(body: JsonObject, query: URLSearchParams): AskedDeletion {
  const dryRun = [...stringsOf(body.dryRun), ...query.getAll('dryRun')];
  const given = body.gracePeriodSeconds ?? query.get('gracePeriodSeconds') ?? undefined;
  const grace = given === undefined || given === '' ? undefined : Number(given);
  if (grace !== undefined && !Number.isInteger(grace)) {
    throw new ApiError('BadRequest', 'gracePeriodSeconds must be a whole number of seconds');
  }
  const propagation = propagationOf(body, query);
  const preconditions = isObject(body.preconditions) ? body.preconditions : {};
  const { uid, resourceVersion } = preconditions;
  return {
    dryRun: isDryRun(dryRun),
    options: {
      ...(grace !== undefined && { gracePeriodSeconds: grace }),
      ...(propagation !== undefined && { propagation }),
      preconditions: {
        ...(typeof uid === 'string' && { uid }),
        ...(typeof resourceVersion === 'string' && { resourceVersion }),
      },
    },
  };
}

function propagationOf(body: JsonObject, query: URLSearchParams): DeleteOptions['propagation'] {
  const text = body.propagationPolicy ?? query.get('propagationPolicy') ?? '';
  const orphan = body.orphanDependents ?? query.get('orphanDependents') ?? undefined;
  if (text === '') {
    if (orphan === undefined) return undefined;
    return orphan === true || orphan === 'true' ? 'Orphan' : 'Background';
  }
  const known = PROPAGATIONS.find((policy) => policy === text);
  if (known !== undefined && orphan === undefined) return known;
  throw new ApiError(
    'Invalid',
    known === undefined
      ? `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(text)}: supported values: "Foreground", "Background", "Orphan", "nil"`
      : 'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: orphanDependents and deletionPropagation cannot be both set',
  );
}

function stringsOf(value: JsonObject[string]): readonly string[] {
  return isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

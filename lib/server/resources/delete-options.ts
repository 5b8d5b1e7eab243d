import { type ApiCause, ApiError } from '../../api/api-error.ts';
import type { DeleteOptions } from '../../api/client.ts';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { isDryRun } from '../exchange.ts';
import { isTrue } from '../wire/request-info.ts';
import { invalidOptions, invalidValue, unsupportedValue } from './invalid-options.ts';

export type AskedDeletion = { readonly options: DeleteOptions; readonly dryRun: boolean };

const PROPAGATIONS = ['Background', 'Foreground', 'Orphan'] as const;

/**
 * How to delete, from the body (metav1 DeleteOptions; `{}` when there is none) and, where that is silent, the query. BadRequest for
 * values of a wrong type, Invalid for those that cannot be meant. Source: metav1 ValidateDeleteOptions.
 */
export function deleteOptions(body: JsonObject, query: URLSearchParams): AskedDeletion {
  const dryRun = [...stringsOf(body.dryRun), ...query.getAll('dryRun')];
  const grace = graceSeconds(body, query);
  const propagation = propagationOf(body, query);
  const { uid, resourceVersion } = preconditionsOf(body.preconditions);
  return {
    dryRun: isDryRun(dryRun),
    options: {
      ...(grace !== undefined && { gracePeriodSeconds: grace }),
      ...(propagation !== undefined && { propagation }),
      preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) },
    },
  };
}

function graceSeconds(body: JsonObject, query: URLSearchParams): number | undefined {
  const text = query.get('gracePeriodSeconds') ?? '';
  const given = body.gracePeriodSeconds ?? (/^-?\d+$/.test(text) ? Number(text) : text || undefined);
  if (given === undefined) return undefined;
  if (typeof given !== 'number' || !Number.isInteger(given))
    throw wrongType('gracePeriodSeconds', 'a number');
  if (given <= limits.deletionGraceSecondsMax) return given;
  const why = `must be at most ${limits.deletionGraceSecondsMax}`;
  throw invalidOptions('DeleteOptions', [invalidValue('gracePeriodSeconds', given, why)]);
}

function preconditionsOf(given: JsonValue | undefined): {
  readonly uid?: string;
  readonly resourceVersion?: string;
} {
  if (given === undefined || given === null) return {};
  if (!isObject(given)) throw wrongType('preconditions', 'an object');
  const { uid = null, resourceVersion = null } = given;
  if (uid !== null && typeof uid !== 'string') throw wrongType('preconditions.uid', 'a string');
  if (resourceVersion !== null && typeof resourceVersion !== 'string') {
    throw wrongType('preconditions.resourceVersion', 'a string');
  }
  return { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
}

function propagationOf(body: JsonObject, query: URLSearchParams): DeleteOptions['propagation'] {
  const text = body.propagationPolicy ?? query.get('propagationPolicy') ?? '';
  const orphan = body.orphanDependents ?? query.get('orphanDependents') ?? undefined;
  if (text === '') {
    if (orphan === undefined) return undefined;
    return orphan === true || (typeof orphan === 'string' && isTrue(orphan)) ? 'Orphan' : 'Background';
  }
  const known = PROPAGATIONS.find((policy) => policy === text);
  const causes: ApiCause[] = [];
  if (known === undefined) causes.push(unsupportedValue('propagationPolicy', text, [...PROPAGATIONS, 'nil']));
  if (orphan !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set';
    causes.push(invalidValue('propagationPolicy', text, why));
  }
  if (known === undefined || causes.length > 0) throw invalidOptions('DeleteOptions', causes);
  return known;
}

function stringsOf(value: JsonValue | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  if (isArray(value) && value.every((each) => typeof each === 'string')) return value as readonly string[];
  throw wrongType('dryRun', 'a list of strings');
}

function wrongType(field: string, wanted: string): ApiError {
  return new ApiError(
    'BadRequest',
    `DeleteOptions in version "v1" cannot be handled: ${field} must be ${wanted}`,
  );
}

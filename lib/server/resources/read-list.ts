import { type ApiCause, ApiError } from '../../api/api-error.ts';
import type { ListOptions } from '../../api/client.ts';
import { forbiddenField, invalidOptions, unsupportedValue } from './invalid-options.ts';

/**
 * The query of a list. BadRequest for what cannot be read, Invalid for what cannot be meant. Source: metav1 ListOptions and its
 * validation; Kubernetes API concepts, "Semantics for get and list".
 */
export function listOptions(query: URLSearchParams, namespace: string | undefined): ListOptions {
  const resourceVersion = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const continueToken = query.get('continue') ?? '';
  const causes = matchCauses({ resourceVersion, match, continueToken });
  if (query.get('sendInitialEvents') !== null) {
    causes.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (causes.length > 0) throw invalidOptions('ListOptions', causes);
  if (continueToken !== '' && resourceVersion !== '' && resourceVersion !== '0') {
    throw new ApiError('BadRequest', 'specifying resource version is not allowed when using continue');
  }
  const limit = nonNegative(query, 'limit');
  // A page of a revision, with nothing said of how it is meant, is of that one and no other.
  const exactly = match === 'Exact' || (match === '' && limit > 0 && resourceVersion !== '0');
  return {
    ...selection(query, namespace),
    ...(limit > 0 && { limit }),
    ...(continueToken !== '' && { continueToken }),
    ...(resourceVersion !== '' && { resourceVersion, exactly }),
  };
}

function matchCauses(asked: {
  readonly resourceVersion: string;
  readonly match: string;
  readonly continueToken: string;
}): ApiCause[] {
  const { resourceVersion, match, continueToken } = asked;
  const field = 'resourceVersionMatch';
  if (match === '') return [];
  const causes: ApiCause[] = [];
  if (resourceVersion === '') {
    causes.push(
      forbiddenField(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    );
  }
  if (continueToken !== '') {
    causes.push(forbiddenField(field, 'resourceVersionMatch is forbidden for continue'));
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    causes.push(unsupportedValue(field, match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && resourceVersion === '0') {
    causes.push(forbiddenField(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return causes;
}

export function selection(
  query: URLSearchParams,
  namespace: string | undefined,
): Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'> {
  const labelSelector = query.get('labelSelector');
  const fieldSelector = query.get('fieldSelector');
  return {
    ...(namespace !== undefined && { namespace }),
    ...(labelSelector && { labelSelector }),
    ...(fieldSelector && { fieldSelector }),
  };
}

const INT64_MAX = 2n ** 63n - 1n;

/**
 * A number of the query, 0 when it is not there; what no memory holds anyway is cut to the largest whole number. BadRequest when it
 * is none, is negative or is no int64.
 */
export function nonNegative(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  if (text === '') return 0;
  if (/^\d{1,19}$/.test(text) && BigInt(text) <= INT64_MAX)
    return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  throw new ApiError(
    'BadRequest',
    `${name}: Invalid value: ${JSON.stringify(text.slice(0, 64))}: must be a number that is not negative`,
  );
}

import { ApiError } from '../../api/api-error.ts';
import type { ListOptions } from '../../api/client.ts';

/** The query of a list. BadRequest for what cannot be meant. Source: metav1 ListOptions and its validation. */
export function listOptions(query: URLSearchParams, namespace: string | undefined): ListOptions {
  const resourceVersion = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const continueToken = query.get('continue') ?? '';
  if (match !== '' && resourceVersion === '') {
    throw invalid(
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
  }
  if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan') {
    throw invalid(
      `resourceVersionMatch: Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan"`,
    );
  }
  if (match === 'Exact' && resourceVersion === '0') {
    throw invalid(
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    );
  }
  if (continueToken !== '' && resourceVersion !== '' && resourceVersion !== '0') {
    throw new ApiError('BadRequest', 'specifying resource version is not allowed when using continue');
  }
  return {
    ...selection(query, namespace),
    ...(query.get('limit') && { limit: nonNegative(query, 'limit') }),
    ...(continueToken !== '' && { continueToken }),
    ...(resourceVersion !== '' && { resourceVersion, exactly: match === 'Exact' }),
  };
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

/** A number of the query, 0 when it is not there. BadRequest when it is none. */
export function nonNegative(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  if (text === '') return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ApiError(
    'BadRequest',
    `${name}: Invalid value: ${JSON.stringify(text)}: must be a number that is not negative`,
  );
}

function invalid(message: string): ApiError {
  return new ApiError('Invalid', `ListOptions.meta.k8s.io "" is invalid: ${message}`);
}

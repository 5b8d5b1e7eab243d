import { type ApiCause, ApiError } from '../../api/api-error.ts';

export type OptionsKind =
  | 'ListOptions'
  | 'PatchOptions'
  | 'DeleteOptions'
  | 'CreateOptions'
  | 'UpdateOptions';

/** Options that contradict one another, or themselves. Source: apimachinery NewInvalid of a kind of meta.k8s.io. */
export function invalidOptions(kind: OptionsKind, causes: readonly ApiCause[]): ApiError {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const [only = ''] = texts;
  return new ApiError(
    'Invalid',
    `${kind}.meta.k8s.io "" is invalid: ${texts.length === 1 ? only : `[${texts.join(', ')}]`}`,
    { causes, details: { group: 'meta.k8s.io', kind } },
  );
}

export function forbiddenField(field: string, why: string): ApiCause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${why}`, field };
}

export function unsupportedValue(field: string, value: unknown, supported: readonly string[]): ApiCause {
  const known = supported.map((each) => JSON.stringify(each)).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${known}`,
    field,
  };
}

export function invalidValue(field: string, value: unknown, why: string): ApiCause {
  return {
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
    field,
  };
}

import { ApiError, statusOfReason } from '../../api/api-error.ts';
import { InvariantError, messageOf, WorldError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';

/** An answer that is not a success, whatever was thrown. InvariantError is ours, and goes on. */
export function apiErrorOf(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof InvariantError) throw thrown;
  if (thrown instanceof WorldError) return new ApiError('ServiceUnavailable', thrown.message);
  return new ApiError('InternalError', `Internal error occurred: ${messageOf(thrown)}`);
}

/** metav1.Status of a failure. */
export function failureStatus(error: ApiError): JsonObject {
  const { group, kind, name, retryAfterSeconds, continueToken } = error.details;
  const details = {
    ...(name && { name }),
    ...(group && { group }),
    ...(kind && { kind }),
    ...(error.causes.length > 0 && {
      causes: error.causes.map(({ reason, message, field }) => ({
        ...(reason && { reason }),
        message,
        ...(field && { field }),
      })),
    }),
    ...(retryAfterSeconds && { retryAfterSeconds }),
  };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: continueToken ? { continue: continueToken } : {},
    status: 'Failure',
    message: error.message,
    reason: error.reason,
    ...(Object.keys(details).length > 0 && { details }),
    code: codeOfError(error),
  };
}

export function codeOfError(error: ApiError): number {
  return statusOfReason[error.reason];
}

/** metav1.Status of a deletion that left nothing. */
export function successStatus(of: {
  readonly name: string;
  readonly group: string;
  readonly plural: string;
  readonly uid: string | undefined;
}): JsonObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: of.name,
      ...(of.group && { group: of.group }),
      kind: of.plural,
      ...(of.uid && { uid: of.uid }),
    },
  };
}

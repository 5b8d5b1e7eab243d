export const apiReasons = [
  'BadRequest',
  'Unauthorized',
  'Forbidden',
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Gone',
  'Expired',
  'Invalid',
  'MethodNotAllowed',
  'NotAcceptable',
  'RequestEntityTooLarge',
  'UnsupportedMediaType',
  'TooManyRequests',
  'InternalError',
  'NotImplemented',
  'ServiceUnavailable',
  'Timeout',
] as const;
export type ApiReason = (typeof apiReasons)[number];

/** HTTP status code of each reason, as Kubernetes answers. */
export const statusOfReason: Readonly<Record<ApiReason, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  Invalid: 422,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  TooManyRequests: 429,
  InternalError: 500,
  NotImplemented: 501,
  ServiceUnavailable: 503,
  Timeout: 504,
};

/** One cause, as metav1.StatusCause. `reason` e.g. FieldValueInvalid, FieldValueRequired, FieldManagerConflict. */
export type ApiCause = { readonly reason: string; readonly message: string; readonly field: string };

/** An answer of the API that is not a success. Match on `reason`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly reason: ApiReason;
  readonly causes: readonly ApiCause[];
  readonly details: {
    readonly group?: string;
    readonly kind?: string;
    readonly name?: string;
    /** In a transaction: which operation failed (0-based). */
    readonly operationIndex?: number;
    readonly retryAfterSeconds?: number;
    /** Of a paged list whose snapshot is gone: goes on where it was, with what is there now. */
    readonly continueToken?: string;
  };
  constructor(
    reason: ApiReason,
    message: string,
    options: { readonly causes?: readonly ApiCause[]; readonly details?: ApiError['details'] } = {},
  ) {
    super(message);
    this.reason = reason;
    this.causes = options.causes ?? [];
    this.details = options.details ?? {};
  }
}

/** Whether `thrown` is an ApiError of one of these reasons. */
export function isApiError(thrown: unknown, ...reasons: readonly ApiReason[]): thrown is ApiError {
  return thrown instanceof ApiError && (reasons.length === 0 || reasons.includes(thrown.reason));
}

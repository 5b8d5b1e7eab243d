import { ApiError } from '../../api/api-error.ts';

/** A path that leads nowhere. kubectl knows this text. */
export function notServed(): ApiError {
  return new ApiError('NotFound', 'the server could not find the requested resource');
}

export function methodNotAllowed(): ApiError {
  return new ApiError('MethodNotAllowed', 'the server does not allow this method on the requested resource');
}

/** Clients wait as long and ask again. */
export function tooManyRequests(): ApiError {
  return new ApiError('TooManyRequests', 'Too many requests, please try again later.', {
    details: { retryAfterSeconds: 1 },
  });
}

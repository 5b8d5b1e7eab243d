import { WorldError } from '../../base/errors.ts';

/**
 * Why an image cannot be had. LIES: something is not what its digest says. INVALID: it breaks its own format. REFUSED: it is not taken
 * in (escapes, wrong platform, too large). UNREACHABLE, DENIED, NOT_FOUND: what the registry said, or did not.
 */
export const imageErrorCodes = [
  'IMAGE_LIES',
  'IMAGE_INVALID',
  'IMAGE_REFUSED',
  'IMAGE_UNREACHABLE',
  'IMAGE_DENIED',
  'IMAGE_NOT_FOUND',
  'IMAGE_DISK',
] as const;
export type ImageErrorCode = (typeof imageErrorCodes)[number];

/** The world's failure, tried again with the back-off of images; the message stands in the pod's status. */
export class ImageError extends WorldError {
  readonly imageCode: ImageErrorCode;
  constructor(code: ImageErrorCode, message: string, cause?: unknown) {
    super(code, message, {}, cause);
    this.imageCode = code;
  }
}

export function isImageErrorCode(code: string | undefined): code is ImageErrorCode {
  return imageErrorCodes.some((known) => known === code);
}

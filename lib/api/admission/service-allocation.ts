import type { KubeObject } from '../../schema/object.ts';
import type { Kind } from '../../schema/schema.ts';
import type { ApiCause, ApiError } from '../api-error.ts';
import { invalid } from '../api-failures.ts';
import type { WriteContext } from '../write-context.ts';

/** A claim is a key in the store, written in the same commit as the Service: two Services can never hold one address. */
export const addressClaim = (address: string): string => `cluster-ip/${address}`;
export const portClaim = (protocol: string | undefined, port: number): string =>
  `node-port/${protocol ?? 'TCP'}/${port}`;

/** Whose address or port it is to be. */
export type Allocation = {
  readonly context: WriteContext;
  readonly kind: Kind;
  readonly object: KubeObject;
  /** `namespace/name` of the Service. */
  readonly claimant: string;
};

export function refused({ kind, object }: Allocation, cause: Pick<ApiCause, 'field' | 'message'>): ApiError {
  return invalid(kind, object.metadata.name, [{ reason: 'FieldValueInvalid', ...cause }]);
}

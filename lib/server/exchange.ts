import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from '../api/api-error.ts';
import { type Caller, type FieldValidation, fieldValidations } from '../api/client.ts';
import { limits } from '../base/limits.ts';
import type { Identity } from './authentication/identity.ts';
import { invalidOptions, invalidValue } from './resources/invalid-options.ts';
import type { ServerDeps } from './server-deps.ts';
import type { Upgrade } from './upgrades.ts';

/** One request and what is known of it. */
export type Exchange = {
  readonly deps: ServerDeps;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Where the connection may become a stream. */
  readonly upgrade: Upgrade | null;
  readonly query: URLSearchParams;
  readonly identity: Identity;
  /** For Warning headers, in order, each once. */
  readonly warnings: Set<string>;
};

/** `dryRun`: All is the one there is. Source: metav1 ValidateDryRun. */
export function isDryRun(values: readonly string[]): boolean {
  if (values.some((value) => value !== 'All')) {
    throw new ApiError(
      'BadRequest',
      `Unsupported value for dryRun: ${JSON.stringify(values)}: supported values: "All"`,
    );
  }
  return values.length > 0;
}

/**
 * Who calls, with what the query says of how. The field manager is the client's name where the query names none.
 * Source: apiserver managerOrUserAgent; fields unknown to the kind are warned of by default.
 */
export function callerOf(exchange: Exchange, options: { readonly dryRun?: boolean } = {}): Caller {
  const { identity, query, request, warnings } = exchange;
  const agent = request.headers['user-agent']?.split('/')[0] ?? '';
  const fieldManager = query.get('fieldManager') || printable(agent).slice(0, 128) || 'unknown';
  checkFieldManager(fieldManager);
  return {
    user: identity.user,
    groups: identity.groups,
    fieldManager,
    dryRun: options.dryRun ?? isDryRun(query.getAll('dryRun')),
    tracksFields: true,
    fieldValidation: fieldValidationOf(query.get('fieldValidation') ?? ''),
    onWarning: (text) => {
      if (warnings.size < limits.serverWarningsMax) warnings.add(text);
    },
  };
}

const FIELD_MANAGER_BYTES_MAX = 128;

/** Source: metav1 ValidateFieldManager. */
function checkFieldManager(name: string): void {
  const wrong =
    Buffer.byteLength(name) > FIELD_MANAGER_BYTES_MAX
      ? {
          reason: 'FieldValueTooLong',
          message: `Too long: may not be more than ${FIELD_MANAGER_BYTES_MAX} bytes`,
        }
      : /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(name)
        ? invalidValue('fieldManager', name, 'should only contain printable characters')
        : null;
  if (wrong !== null) throw invalidOptions('PatchOptions', [{ field: 'fieldManager', ...wrong }]);
}

function fieldValidationOf(text: string): FieldValidation {
  if (text === '') return 'Warn';
  const known = fieldValidations.find((value) => value === text);
  if (known !== undefined) return known;
  throw new ApiError(
    'BadRequest',
    `invalid fieldValidation ${JSON.stringify(text)}: supported values: Ignore, Strict, Warn`,
  );
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '');
}

/**
 * Failures are three: the user's (UserError, never retried until the input changes), the world's
 * (WorldError, retried), ours (assert: crash loudly). Code matches on `code`, never on the message.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** The world failed (network, disk, another process): the same call may go through later. */
export class WorldError extends Error {
  override readonly name = 'WorldError';
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, data: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.data = data;
  }
}

/** A broken invariant of ours. Not caught anywhere: the process ends and its supervisor restarts it. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

export function assertNever(value: never): never {
  throw new InvariantError(`unexpected value ${JSON.stringify(value)}`);
}

/** The text of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of anything thrown that has one (ours, Node's system errors, isomorphic-git's). */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';

const STATUS = { metadata: {} } as const;

/** How a command ended, as the client is told on the status channel. Source: kubelet remotecommand.ServeExec. */
export function exitStatus(exitCode: number): JsonObject {
  if (exitCode === 0) return successfulStatus;
  return {
    ...STATUS,
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

export const successfulStatus: JsonObject = { ...STATUS, status: 'Success' };

/** It could not be run, or joined, at all. */
export function brokenStatus(doing: string, thrown: unknown): JsonObject {
  const message = `Internal error occurred: ${doing}: ${messageOf(thrown)}`;
  return {
    ...STATUS,
    status: 'Failure',
    message,
    reason: 'InternalError',
    details: { causes: [{ message: message.slice('Internal error occurred: '.length) }] },
    code: 500,
  };
}

/**
 * A status as it goes over the wire: JSON since v4; before, the text of a failure, and nothing at all for a success.
 */
export function statusBytes(status: JsonObject, { asJson }: { readonly asJson: boolean }): Buffer {
  if (asJson) return Buffer.from(JSON.stringify(status));
  return Buffer.from(status.status === 'Success' ? '' : String(status.message));
}

import type { ServerResponse } from 'node:http';
import { ApiError } from '../../api/api-error.ts';
import { limits } from '../../base/limits.ts';
import type { Exchange } from '../exchange.ts';
import { tooManyRequests } from '../wire/not-served.ts';
import { readBody } from '../wire/read-body.ts';

const turns = new WeakMap<ServerResponse, { leave(): void }>();

/** The whole body, as `readBody`; what comes of a large one is work that others wait for, so it waits for its turn. TooManyRequests. */
export async function receivedBody({ deps, request, response, identity }: Exchange): Promise<Buffer> {
  const body = await readBody(request);
  if (body.length < limits.serverHeavyBodyBytesMin) return body;
  const turn = await deps.heavy.enter(identity.user);
  if (turn === null) throw tooManyRequests();
  if (response.closed) {
    turn.leave();
    throw new ApiError('BadRequest', 'the client is gone');
  }
  turns.set(response, turn);
  response.once('close', () => turn.leave());
  return body;
}

/** The work is done: how long the client takes to read the answer is its own affair. */
export function workIsDone(response: ServerResponse): void {
  turns.get(response)?.leave();
}

import { randomBytes } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import test from 'ava';
import { limits, timings } from '../../base/limits.ts';
import { manualClock } from '../../base/manual-clock.ts';
import { nextTurn } from '../../base/turn.ts';
import { until } from '../../testing/until.ts';
import { type Piece, writePieces } from './write-pieces.ts';

/** Of a client that takes nothing of what it is written. */
class Deaf extends Socket {
  override _write(): void {}
  override _writev(): void {}
}

function answerTo(headers: Readonly<Record<string, string>>): ServerResponse {
  const socket = new Deaf();
  const request = new IncomingMessage(socket);
  Object.assign(request, { method: 'GET', complete: true, headers });
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  return response;
}

for (const headers of [{}, { 'accept-encoding': 'gzip' }]) {
  test(`no more is made than the client takes: ${JSON.stringify(headers)}`, async (t) => {
    const clock = manualClock();
    const response = answerTo(headers);
    let made = 0;
    function* pieces(): Generator<Piece> {
      for (; made < 1_000; made += 1) {
        // That packs to no less.
        yield randomBytes(limits.serverAnswerChunkBytes);
      }
    }
    const over = writePieces(response, { clock, code: 200 }, pieces());
    await until(() => clock.nextTimerAt() !== null, { what: 'it to wait' });
    for (let turn = 0; turn < 100; turn += 1) await nextTurn();
    clock.advance(timings.answerStallMs);
    await over;
    t.true(response.destroyed);
    t.true(made < 20, `${made}`);
  });
}

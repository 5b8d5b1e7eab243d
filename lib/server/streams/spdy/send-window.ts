import { INITIAL_WINDOW_BYTES } from './spdy-frame.ts';

/**
 * What may be sent on the streams of one connection. Kubernetes' own clients never open a window again (they leave holding back to
 * TCP), so nothing is held back until the other side has shown, by the first window it opens, that it counts.
 */
export class SendWindow {
  #counts = false;
  #initialBytes = INITIAL_WINDOW_BYTES;
  #sessionBytes = INITIAL_WINDOW_BYTES;
  readonly #sent = new Map<number, number>();

  /** How many of `wantedBytes` may go now. */
  room(streamId: number, wantedBytes: number): number {
    if (!this.#counts) return wantedBytes;
    const bytes = Math.min(this.#initialBytes - (this.#sent.get(streamId) ?? 0), this.#sessionBytes);
    return Math.max(0, Math.min(wantedBytes, bytes));
  }

  sent(streamId: number, bytes: number): void {
    this.#sessionBytes -= bytes;
    this.#sent.set(streamId, (this.#sent.get(streamId) ?? 0) + bytes);
  }

  /** Stream 0: the whole connection. */
  opened(streamId: number, bytes: number): void {
    this.#counts = true;
    if (streamId === 0) this.#sessionBytes = Math.min(this.#sessionBytes + bytes, WINDOW_BYTES_MAX);
    else {
      const sent = this.#sent.get(streamId);
      if (sent !== undefined) this.#sent.set(streamId, Math.max(sent - bytes, -WINDOW_BYTES_MAX));
    }
  }

  setInitial(bytes: number): void {
    this.#initialBytes = bytes;
  }

  forget(streamId: number): void {
    this.#sent.delete(streamId);
  }
}

/** Source: SPDY/3 draft 2.6.8. */
const WINDOW_BYTES_MAX = 0x7fff_ffff;

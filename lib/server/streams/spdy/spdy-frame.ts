/**
 * The frames of SPDY/3.1 as far as Kubernetes' clients use them. Header blocks are as they go over the wire, compressed.
 * Source: SPDY/3 draft 2.6; 3.1 adds the window of the whole session, which is stream 0 of WINDOW_UPDATE.
 */
export type SpdyFrame =
  | {
      readonly type: 'syn-stream' | 'syn-reply' | 'headers';
      readonly streamId: number;
      readonly fin: boolean;
      readonly headerBlock: Buffer;
    }
  | { readonly type: 'rst-stream'; readonly streamId: number; readonly status: number }
  /** null: this one does not set it. */
  | { readonly type: 'settings'; readonly initialWindowBytes: number | null }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goaway'; readonly lastStreamId: number; readonly status: number }
  | { readonly type: 'window-update'; readonly streamId: number; readonly deltaBytes: number }
  | { readonly type: 'data'; readonly streamId: number; readonly fin: boolean; readonly payload: Buffer };

export type ControlType = Exclude<SpdyFrame['type'], 'data'>;

export const controlNumbers: Readonly<Record<ControlType, number>> = {
  'syn-stream': 1,
  'syn-reply': 2,
  'rst-stream': 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  headers: 8,
  'window-update': 9,
};

/** Of RST_STREAM. Source: SPDY/3 draft 2.6.3. */
export const resetStatus = { protocolError: 1, invalidStream: 2, refusedStream: 3, cancel: 5 } as const;

export const SPDY_VERSION = 3;
export const FLAG_FIN = 1;
/** Of SETTINGS. */
export const INITIAL_WINDOW_SIZE = 7;
/** Of every frame: two words, of which the second has the flags and the length of the rest. */
export const FRAME_HEADER_BYTES = 8;
/** What may be sent before the other side says anything. */
export const INITIAL_WINDOW_BYTES = 64 * 1024;

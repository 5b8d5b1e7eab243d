/** One message: a channel and its bytes. */
export type ChannelMessage = { readonly channel: number; readonly payload: Buffer };

/**
 * How channels go into messages: the number as the first byte, or, for clients that have text only, as a digit before base64. Pure.
 * Source: apimachinery wsstream.
 */
export type ChannelCodec = {
  readonly binary: boolean;
  encode(channel: number, payload: Buffer): Buffer | string;
  /** null: an empty message, which says nothing. */
  decode(message: Buffer): ChannelMessage | null;
};

export const binaryCodec: ChannelCodec = {
  binary: true,
  encode: (channel, payload) => Buffer.concat([Buffer.of(channel), payload]),
  decode: (message) =>
    message.length === 0 ? null : { channel: message.readUInt8(0), payload: message.subarray(1) },
};

const ZERO = '0'.charCodeAt(0);

export const base64Codec: ChannelCodec = {
  binary: false,
  encode: (channel, payload) => `${String.fromCharCode(ZERO + channel)}${payload.toString('base64')}`,
  decode: (message) =>
    message.length === 0
      ? null
      : {
          channel: message.readUInt8(0) - ZERO,
          payload: Buffer.from(message.toString('latin1', 1), 'base64'),
        },
};

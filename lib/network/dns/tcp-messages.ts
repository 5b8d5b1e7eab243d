/** Cuts a stream into messages of names, each after its length. Source: RFC 1035, 4.2.2. What waits is shorter than the longest. */
export function takeMessages(onMessage: (bytes: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 2) {
      const length = rest.readUInt16BE(0);
      if (rest.length < length + 2) return;
      const message = rest.subarray(2, length + 2);
      rest = rest.subarray(length + 2);
      onMessage(message);
    }
  };
}

export function writeMessage(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length, 0);
  return Buffer.concat([length, bytes]);
}

import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect } from 'node:tls';

/** Where the API is, and who asks. */
export type ApiPlace = {
  readonly host: string;
  readonly port: number;
  /** PEM texts; null: plain HTTP. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string } | null;
};

export type Answered = { readonly code: number; readonly body: Buffer };

/**
 * One connection that is kept, with as little of HTTP/1.1 as load needs: on a machine of two cores a whole client would be what is
 * measured. Answers have a Content-Length or come in chunks, whose marks stay in the body; `stream` hands on whatever comes.
 */
export type KeptConnection = {
  ask(request: Buffer): Promise<Answered>;
  stream(request: Buffer, onBytes: (bytes: Buffer) => void): void;
  close(): void;
};

export async function keptConnection(place: ApiPlace): Promise<KeptConnection> {
  const socket = await connected(place);
  socket.setNoDelay(true);
  return {
    ask: (request) => answered(socket, request),
    stream(request, onBytes) {
      socket.on('data', onBytes);
      socket.write(request);
    },
    close: () => socket.destroy(),
  };
}

async function connected({ host, port, tls }: ApiPlace): Promise<Socket> {
  if (tls === null) {
    const socket = connectPlain({ host, port });
    await once(socket, 'connect');
    return socket;
  }
  // The certificate names localhost; the address may be any of the machine's.
  const socket = connect({ host, port, ...tls, servername: 'localhost', ALPNProtocols: ['http/1.1'] });
  await once(socket, 'secureConnect');
  return socket;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');

function answered(socket: Socket, request: Buffer): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let have = 0;
    /** NaN: it comes in chunks. */
    let need = Number.POSITIVE_INFINITY;
    let code = 0;
    let bodyStart = 0;
    const onData = (bytes: Buffer): void => {
      chunks.push(bytes);
      have += bytes.length;
      if (code === 0) {
        const all = chunks.length === 1 ? bytes : Buffer.concat(chunks);
        const end = all.indexOf(HEAD_END);
        if (end < 0) return;
        const head = all.toString('latin1', 0, end);
        code = Number(head.slice(9, 12));
        bodyStart = end + HEAD_END.length;
        need = bodyStart + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
      }
      // An answer that waits for the next request has nothing behind its last chunk.
      if (Number.isNaN(need) ? !endWith(chunks, LAST_CHUNK) : have < need) return;
      finish();
      resolve({ code, body: Buffer.concat(chunks).subarray(bodyStart) });
    };
    const onClose = (): void => {
      finish();
      reject(new Error('the connection was closed'));
    };
    const finish = (): void => {
      socket.off('data', onData);
      socket.off('close', onClose);
    };
    socket.on('data', onData);
    socket.on('close', onClose);
    socket.write(request);
  });
}

/** Whether these bytes are the last ones, however they are cut. */
function endWith(chunks: readonly Buffer[], end: Buffer): boolean {
  let last = Buffer.alloc(0);
  for (let at = chunks.length - 1; at >= 0 && last.length < end.length; at -= 1)
    last = Buffer.concat([chunks[at] ?? last, last]);
  return last.subarray(-end.length).equals(end);
}

/** The bytes of a request. `accept` beyond JSON as Kubernetes' clients send it. */
export function requestBytes(
  place: ApiPlace,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  { body, gzip = false }: { readonly body?: string; readonly gzip?: boolean } = {},
): Buffer {
  const length =
    body === undefined
      ? ''
      : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${place.host}:${place.port}\r\nUser-Agent: bench/1\r\nAccept: application/json\r\n`;
  return Buffer.from(`${head}${gzip ? 'Accept-Encoding: gzip\r\n' : ''}${length}\r\n${body ?? ''}`, 'utf8');
}

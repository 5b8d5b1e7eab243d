import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ApiError } from '../api/api-error.ts';
import { companionPaths } from '../base/companion/companion-paths.ts';
import { InvariantError, messageOf, UserError, WorldError } from '../base/errors.ts';
import { isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import {
  type ControlAnswer,
  type ControlHandlers,
  type ControlMethod,
  controlMethods,
  type DaemonEvent,
} from './control-protocol.ts';
import type { ImageCommands } from './image-commands.ts';

export type ControlServer = { close(): Promise<void> };

/** Serves the commands on `<data>/control`. The caller holds the data directory's lock, so a socket that lies there is dead. */
export async function serveControl(options: {
  readonly dataDirectory: string;
  readonly handlers: ControlHandlers;
  readonly images: ImageCommands;
  readonly subscribe: (listener: (event: DaemonEvent) => void) => { close(): void };
  readonly log: Log;
}): Promise<ControlServer> {
  const { socketPath } = companionPaths({ dataDirectory: options.dataDirectory, name: 'control' });
  rmSync(socketPath, { force: true });
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    void answer(request, response, { ...options, streams }).catch((thrown: unknown) => {
      // A client that went away; anything of ours has been answered already.
      options.log.debug('control-request-failed', { message: messageOf(thrown) });
      response.destroy();
    });
  });
  server.maxConnections = limits.controlConnectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
  return {
    close: () =>
      // Calls in flight are answered (one of them may be the `down` that ends us); streams have no end of their own.
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const stream of streams) stream.destroy();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: Parameters<typeof serveControl>[0] & { readonly streams: Set<ServerResponse> },
): Promise<void> {
  const method = request.url?.slice(1) ?? '';
  if (method === 'events') return streamEvents(response, options);
  const known = controlMethods.find((name) => name === method);
  const body = await readBody(request);
  const result: ControlAnswer =
    known === undefined
      ? { ok: false, code: 'UNKNOWN_METHOD', message: `no method ${method}` }
      : await call(options, known, body);
  response.setHeader('content-type', 'application/json');
  response.setHeader('connection', 'close');
  response.end(JSON.stringify(result));
}

function streamEvents(response: ServerResponse, { subscribe, streams }: Parameters<typeof answer>[2]): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.flushHeaders();
  streams.add(response);
  const subscription = subscribe((event) => {
    // A reader that does not keep up loses the stream, not the daemon's memory.
    if (response.writableLength > limits.controlBodyBytesMax) response.destroy();
    else response.write(`${JSON.stringify(event)}\n`);
  });
  response.on('close', () => {
    streams.delete(response);
    subscription.close();
  });
}

async function readBody(request: IncomingMessage): Promise<JsonObject> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > limits.controlBodyBytesMax)
      throw new UserError('BODY_TOO_LARGE', 'the request is too large');
  }
  if (text === '') return {};
  const parsed: unknown = JSON.parse(text);
  return isObject(parsed) ? parsed : {};
}

async function call(
  { handlers, images, log }: Pick<Parameters<typeof serveControl>[0], 'handlers' | 'images' | 'log'>,
  method: ControlMethod,
  body: JsonObject,
): Promise<ControlAnswer> {
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
  const run = (): Promise<JsonValue> => {
    switch (method) {
      case 'plan':
        return handlers.plan({ revision: text(body.revision) });
      case 'snapshot':
        return handlers.snapshot({ revision: text(body.revision) });
      case 'approve':
        return handlers.approve({ id: text(body.id) });
      case 'rollback':
        return handlers.rollback({ revision: text(body.revision) });
      case 'nodeStop':
        return handlers.nodeStop({ name: text(body.name) ?? '' });
      case 'nodeStart':
        return handlers.nodeStart({ name: text(body.name) ?? '' });
      case 'down':
        return handlers.down({
          pods: body.pods !== false,
          graceMaxMs: typeof body.graceMaxMs === 'number' ? body.graceMaxMs : null,
        });
      case 'imageList':
        return images.list();
      case 'imageImport':
        return images.importFile({ path: text(body.path) ?? '', name: text(body.name) });
      case 'imageRemove':
        return images.remove({ name: text(body.name) ?? '' });
      default:
        return handlers[method]();
    }
  };
  try {
    return { ok: true, result: await run() };
  } catch (thrown) {
    if (thrown instanceof InvariantError) throw thrown;
    log.warn('control-call-failed', { method, message: messageOf(thrown) });
    const code =
      thrown instanceof UserError || thrown instanceof WorldError
        ? thrown.code
        : thrown instanceof ApiError
          ? thrown.reason
          : 'FAILED';
    return { ok: false, code, message: messageOf(thrown) };
  }
}

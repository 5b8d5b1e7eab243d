import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { MadeImage } from './made-image.ts';

/** PEM texts. */
export type FakeRegistryTls = { readonly key: string; readonly cert: string };

/** What a test does instead of answering; true: it has. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean;

/** A registry on loopback that does as it should, unless told otherwise. Plain http, unless it is given a certificate. */
export class FakeRegistry {
  /** Requests answered, as `GET /v2/…`. */
  readonly requests: string[] = [];
  /** Authorization headers that came with them; '' for none. */
  readonly authorizations: string[] = [];
  misbehave: Misbehaviour = () => false;
  /** Set: what must be sent, and what is asked for if it is not. */
  wants: { readonly authorization: string; readonly challenge: string } | null = null;
  readonly #manifests = new Map<string, { readonly bytes: Buffer; readonly type: string }>();
  readonly #blobs = new Map<string, Buffer>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #port = 0;

  private constructor(tls: FakeRegistryTls | null) {
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      this.#answer(request, response);
    this.#server = tls === null ? createServer(answer) : createSecureServer(tls, answer);
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(
    t: { teardown(run: () => Promise<void>): void },
    tls: FakeRegistryTls | null = null,
  ): Promise<FakeRegistry> {
    const registry = new FakeRegistry(tls);
    t.teardown(() => registry.stop());
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    const address = registry.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the registry has no port');
    registry.#port = address.port;
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  put(name: string, image: MadeImage): void {
    const [repository = '', tag = 'latest'] = name.split(':');
    for (const [digest, bytes] of image.blobs) this.#blobs.set(digest, bytes);
    this.putManifest(repository, tag, image.manifest, image.manifestType);
    this.putManifest(repository, image.digest, image.manifest, image.manifestType);
  }

  putManifest(
    repository: string,
    reference: string,
    bytes: Buffer,
    type = 'application/vnd.oci.image.index.v1+json',
  ): void {
    this.#manifests.set(`${repository}/${reference}`, { bytes, type });
  }

  /** Instead of what the digest says. */
  putBlob(digest: string, bytes: Buffer): void {
    this.#blobs.set(digest, bytes);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', `http://${this.host}`);
    this.requests.push(`${request.method} ${url.pathname}`);
    this.authorizations.push(request.headers.authorization ?? '');
    if (this.misbehave(request, response, url)) return;
    if (this.wants !== null && request.headers.authorization !== this.wants.authorization) {
      response.writeHead(401, { 'www-authenticate': this.wants.challenge });
      response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
      return;
    }
    const [, repository = '', kind, reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (kind === 'manifests') this.#manifest(response, `${repository}/${reference}`);
    else if (kind === 'blobs') this.#blob(request, response, reference);
    else response.writeHead(404).end();
  }

  #manifest(response: ServerResponse, key: string): void {
    const found = this.#manifests.get(key);
    if (found === undefined) {
      response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
      return;
    }
    response.writeHead(200, { 'content-type': found.type, 'content-length': found.bytes.length });
    response.end(found.bytes);
  }

  #blob(request: IncomingMessage, response: ServerResponse, digest: string): void {
    const bytes = this.#blobs.get(digest);
    if (bytes === undefined) {
      response.writeHead(404).end();
      return;
    }
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > 0) {
      response.writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
      response.end(bytes.subarray(from));
      return;
    }
    response.writeHead(200, { 'content-length': bytes.length });
    response.end(bytes);
  }
}

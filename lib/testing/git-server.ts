import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join, normalize } from 'node:path';
import { createGunzip } from 'node:zlib';

type GitServerOptions = {
  /** Repositories are served by their path below this directory. */
  readonly root: string;
  /** Basic credentials that every request must carry. */
  readonly credentials?: { readonly username: string; readonly password: string };
};

/** A smart-HTTP git server on 127.0.0.1. Pushes are refused by hooks a test puts into the repository. */
export class GitServer {
  /** Requests answered so far, as `METHOD path`. */
  readonly requests: string[] = [];
  /** When set, every request is answered with this status and nothing else. */
  status: number | null = null;
  /** When set, every request is sent on to this address (with the path and query added). */
  redirectTo: string | null = null;
  /** Runs before a push is handed to git: a race is won here. */
  beforePush: () => Promise<void> = async () => {};
  /** Runs when git took a push; true cuts the connection instead of telling the client. */
  loseAnswerOfPush = false;
  readonly #options: GitServerOptions;
  readonly #children = new Set<ChildProcess>();
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;

  constructor(options: GitServerOptions) {
    this.#options = options;
  }

  static async start(
    t: { teardown(run: () => Promise<void>): void },
    options: GitServerOptions,
  ): Promise<GitServer> {
    const server = new GitServer(options);
    t.teardown(() => server.stop());
    await server.start();
    return server;
  }

  url(repository: string): string {
    return `http://127.0.0.1:${this.#port}/${repository}`;
  }

  /** Listens; again on the same port after `stop`. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(asError(error)));
    });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    this.#port = address.port;
    this.#server = server;
  }

  /** Goes down: connections are refused from now on. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    for (const child of this.#children) child.kill('SIGKILL');
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://server');
    this.requests.push(`${request.method} ${url.pathname}`);
    if (this.status !== null) return end(response, this.status);
    if (this.redirectTo !== null) {
      return end(response, 301, { location: this.redirectTo + url.pathname + url.search });
    }
    if (!this.#isAllowed(request)) return end(response, 401, { 'www-authenticate': 'Basic realm="git"' });
    const match = /^\/(.+?)\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname);
    const repository = normalize(join(this.#options.root, match?.[1] ?? ''));
    if (match === null || !repository.startsWith(this.#options.root)) return end(response, 404);
    const advertise = match[2] === 'info/refs';
    const service = advertise ? url.searchParams.get('service') : match[2];
    if (service !== 'git-upload-pack' && service !== 'git-receive-pack') return end(response, 403);
    if (!advertise && service === 'git-receive-pack') await this.beforePush();
    await this.#serve({ request, response, repository, service, advertise });
  }

  #isAllowed(request: IncomingMessage): boolean {
    const wanted = this.#options.credentials;
    if (wanted === undefined) return true;
    const token = Buffer.from(`${wanted.username}:${wanted.password}`).toString('base64');
    return request.headers.authorization === `Basic ${token}`;
  }

  async #serve(input: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly repository: string;
    readonly service: 'git-upload-pack' | 'git-receive-pack';
    readonly advertise: boolean;
  }): Promise<void> {
    const { request, response, repository, service, advertise } = input;
    const words = [service.slice('git-'.length), '--stateless-rpc'];
    if (advertise) words.push('--advertise-refs');
    const child = spawn('git', ['-c', 'safe.directory=*', ...words, repository], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {
        PATH: process.env.PATH,
        HOME: '/nonexistent',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
    });
    this.#children.add(child);
    child.stdin.on('error', () => {});
    const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
    body.pipe(child.stdin);
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
    this.#children.delete(child);
    const bytes = Buffer.concat(output);
    if (bytes.length === 0 && exitCode !== 0) return end(response, 404);
    if (!advertise && service === 'git-receive-pack' && this.loseAnswerOfPush) {
      response.destroy();
      return;
    }
    const kind = advertise ? 'advertisement' : 'result';
    response.writeHead(200, {
      'content-type': `application/x-${service}-${kind}`,
      'cache-control': 'no-cache',
    });
    // Under protocol 2 the service line is left out for uploads; clients take both.
    if (advertise) response.write(packetLine(`# service=${service}\n`));
    response.end(bytes);
  }
}

function packetLine(text: string): string {
  return `${(text.length + 4).toString(16).padStart(4, '0')}${text}0000`;
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end();
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { toolEnvironment } from '../base/run-program.ts';

/** A program in a pod's network namespace, which answers everybody with its name and the address it sees them at. */
export type PodProgram = { close(): void };

/** TCP and UDP at `port`: `<name> <client's address>`, then over TCP whatever the client sends, back. */
const ANSWERING = `
const [, name, port] = process.argv;
const { createServer } = require('node:net');
const { createSocket } = require('node:dgram');
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.write(name + ' ' + socket.remoteAddress + '\\n');
  socket.pipe(socket);
});
const udp = createSocket('udp4');
udp.on('message', (bytes, from) => udp.send(name + ' ' + from.address + '\\n', from.port, from.address));
server.listen(Number(port), '0.0.0.0', () => udp.bind(Number(port), '0.0.0.0', () => console.log('ready')));
`;

export async function podProgram(
  netns: string,
  options: { readonly name: string; readonly port: number },
): Promise<PodProgram> {
  const args = [`--net=${netns}`, process.execPath, '-e', ANSWERING, options.name, String(options.port)];
  const child = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'inherit'], env: toolEnvironment() });
  await ready(child);
  return { close: () => void child.kill('SIGKILL') };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the pod's program ended: ${code}`)));
    child.stdout?.once('data', () => resolve());
  });
}

/** What a client does from inside: the first line it is told, or the code of what went wrong. */
const ASKING = `
const [, protocol, address, port, from] = process.argv;
const end = (text) => { console.log(text); process.exit(0); };
setTimeout(() => end('TIMEOUT'), 4000);
if (protocol === 'tcp') {
  const socket = require('node:net').connect({ host: address, port: Number(port), ...(from && { localAddress: from }) });
  socket.on('error', (thrown) => end(thrown.code));
  socket.on('close', () => end('CLOSED'));
  socket.on('data', (bytes) => end(String(bytes).trim()));
} else {
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('error', (thrown) => end(thrown.code));
  socket.on('message', (bytes) => end(String(bytes).trim()));
  socket.connect(Number(port), address, () => socket.send('hello'));
}
`;

/** A client that keeps sending datagrams from one port; what it is told is a line each time it is another. */
const SENDING = `
const [, address, port] = process.argv;
const socket = require('node:dgram').createSocket('udp4');
let last = '';
socket.on('error', () => {});
socket.on('message', (bytes) => {
  const text = String(bytes).trim();
  if (text !== last) console.log(text);
  last = text;
});
socket.connect(Number(port), address, () => setInterval(() => socket.send('hello', () => {}), 50));
`;

/** From inside a pod; `said` is all it was told so far. */
export function sendingFrom(
  netns: string,
  { address, port }: Pick<Ask, 'address' | 'port'>,
): { said(): string; close(): void } {
  const args = [`--net=${netns}`, process.execPath, '-e', SENDING, address, String(port)];
  const child = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'inherit'], env: toolEnvironment() });
  let said = '';
  child.stdout.on('data', (bytes) => {
    said += String(bytes);
  });
  return { said: () => said, close: () => void child.kill('SIGKILL') };
}

export type Ask = {
  readonly protocol?: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
};

/** From a pod, or from the machine itself (`null`). */
export function askFrom(netns: string | null, { protocol = 'tcp', address, port }: Ask): Promise<string> {
  return runIn(netns, [process.execPath, '-e', ASKING, protocol, address, String(port)]);
}

/** What a program says there, whatever its end. */
export function runIn(netns: string | null, command: readonly string[]): Promise<string> {
  const [program = '', ...args] = netns === null ? command : ['nsenter', `--net=${netns}`, ...command];
  return new Promise((resolve) => {
    execFile(program, args, { encoding: 'utf8', env: toolEnvironment() }, (_failure, stdout, stderr) =>
      resolve(`${stdout}${stderr}`.trim()),
    );
  });
}

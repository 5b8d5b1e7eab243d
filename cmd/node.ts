import { isArray, isObject, type JsonValue } from '../lib/base/json.ts';
import { callDaemon } from '../lib/daemon/control-client.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { forTerminal } from './for-terminal.ts';

type Options = { readonly data?: string; readonly output?: string };

/** `pintle node list`. */
export async function nodeListCommand(options: Options, io: CommandIo): Promise<ExitCode> {
  const answer = await callDaemon(dataDirectory(options.data, io), 'nodeList');
  io.stdout(options.output === 'json' ? `${JSON.stringify(answer)}\n` : nodeTable(answer));
  return exitCodes.ok;
}

/** `pintle node stop NAME…` and `pintle node start NAME…`, one after the other; the first that fails is the last. */
export async function nodeSwitchCommand(
  method: 'nodeStop' | 'nodeStart',
  names: readonly string[],
  { options, io }: { readonly options: Options; readonly io: CommandIo },
): Promise<ExitCode> {
  for (const name of names) {
    await callDaemon(dataDirectory(options.data, io), method, { name });
    const done = method === 'nodeStop' ? 'is not heard of from now on; its pods stand still' : 'is back';
    io.stdout(`${forTerminal(name)} ${done}.\n`);
  }
  return exitCodes.ok;
}

function nodeTable(answer: JsonValue): string {
  const rows = (isArray(answer) ? answer : []).flatMap((row) =>
    isObject(row)
      ? [[String(row.name), String(row.state), row.declared === true ? 'repository' : 'machine']]
      : [],
  );
  const table = [['NAME', 'STATE', 'FROM'], ...rows];
  const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${forTerminal(line)}\n`)
    .join('');
}

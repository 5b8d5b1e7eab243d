import { resolve } from 'node:path';
import { systemClock } from '../lib/base/clock.ts';
import { companionPaths } from '../lib/base/companion/companion-paths.ts';
import { instanceLockHolder } from '../lib/base/companion/instance-lock.ts';
import { codeOf, UserError } from '../lib/base/errors.ts';
import { isArray, isObject, type JsonObject, type JsonValue } from '../lib/base/json.ts';
import { silentLog } from '../lib/base/log.ts';
import { systemRandom } from '../lib/base/random.ts';
import { callDaemon } from '../lib/daemon/control-client.ts';
import { type ImageCommands, imageCommands } from '../lib/daemon/image-commands.ts';
import { noRegistryOptions } from '../lib/runtime/image/registry/registry-options.ts';
import { lockDirectory } from '../lib/store/directory-lock.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { machineImages } from './machine-images.ts';

type Options = { readonly data?: string; readonly output?: string };

/** `pintle image list`. */
export async function imageListCommand(options: Options, io: CommandIo): Promise<ExitCode> {
  const answer = await asked(dataDirectory(options.data, io), 'imageList', {}, (images) => images.list());
  if (options.output === 'json') io.stdout(`${JSON.stringify(answer)}\n`);
  else io.stdout(table(imagesIn(answer)));
  return exitCodes.ok;
}

/** `pintle image import FILE`. */
export async function imageImportCommand(
  file: string,
  options: Options & { readonly name?: string },
  io: CommandIo,
): Promise<ExitCode> {
  const request = { path: resolve(io.cwd, file), name: options.name ?? null };
  const answer = await asked(dataDirectory(options.data, io), 'imageImport', request, (images) =>
    images.importFile(request),
  );
  if (options.output === 'json') io.stdout(`${JSON.stringify(answer)}\n`);
  else for (const image of imagesIn(answer)) io.stdout(`Imported ${callNames(image).join(', ')}.\n`);
  return exitCodes.ok;
}

/** `pintle image rm NAME…`: all of them, or as many as can be; fails if one could not. */
export async function imageRemoveCommand(
  names: readonly string[],
  options: Options,
  io: CommandIo,
): Promise<ExitCode> {
  const directory = dataDirectory(options.data, io);
  let code: ExitCode = exitCodes.ok;
  for (const name of names) {
    try {
      const answer = await asked(directory, 'imageRemove', { name }, async (images) => {
        // Containers outlive the daemon; without it nobody knows which images they have.
        if (
          instanceLockHolder(companionPaths({ dataDirectory: directory, name: 'agent' }).directory) !== null
        )
          throw new UserError(
            'IMAGE_IN_USE',
            'pods of this data directory run on, and may use the image: start the daemon first',
          );
        return images.remove({ name });
      });
      const gone = isObject(answer) && answer.removed === true;
      io.stdout(gone ? `Removed ${name}.\n` : `Removed the name ${name}; the image has another.\n`);
    } catch (thrown) {
      if (!(thrown instanceof UserError) || !['IMAGE_NOT_FOUND', 'IMAGE_IN_USE'].includes(thrown.code))
        throw thrown;
      io.stderr(`pintle: ${thrown.message} (${thrown.code})\n`);
      code = exitCodes.failed;
    }
  }
  return code;
}

/** Asks the daemon of a data directory; where none runs, the directory itself, which no daemon can take meanwhile. */
async function asked(
  directory: string,
  method: 'imageList' | 'imageImport' | 'imageRemove',
  body: JsonObject,
  directly: (images: ImageCommands) => Promise<JsonValue>,
): Promise<JsonValue> {
  try {
    return await callDaemon(directory, method, body);
  } catch (thrown) {
    if (codeOf(thrown) !== 'NO_DAEMON') throw thrown;
  }
  const lock = lockDirectory(directory);
  const store = machineImages({
    dataDirectory: directory,
    ...{
      clock: systemClock({ keepAlive: false }),
      random: systemRandom(),
      log: silentLog(),
      registries: noRegistryOptions,
    },
  });
  try {
    return await directly(imageCommands(store));
  } finally {
    await store.close();
    lock.release();
  }
}

function imagesIn(answer: JsonValue): readonly JsonObject[] {
  const images = isObject(answer) && isArray(answer.images) ? answer.images : [];
  return images.filter((image) => isObject(image));
}

const textsOf = (value: JsonValue | undefined): readonly string[] =>
  isArray(value) ? value.filter((text) => typeof text === 'string') : [];

/** By what a person would call it. */
function callNames(image: JsonObject): readonly string[] {
  const names = textsOf(image.names);
  if (names.length > 0) return names;
  const digests = textsOf(image.repoDigests);
  return digests.length > 0 ? digests : [String(image.id)];
}

function table(images: readonly JsonObject[]): string {
  const rows = images.flatMap((image) =>
    callNames(image).map((name) => [
      name,
      String(image.id)
        .replace(/^sha256:/, '')
        .slice(0, 12),
      sizeText(Number(image.sizeBytes)),
      String(image.lastUsedAt),
    ]),
  );
  const lines = [
    ['NAME', 'ID', 'SIZE', 'LAST USED'],
    ...rows.sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1)),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((text, column) => text.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function sizeText(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)} KiB`;
  const mebibytes = bytes / 1024 / 1024;
  return mebibytes < 1024 ? `${mebibytes.toFixed(1)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

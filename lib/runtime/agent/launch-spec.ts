import { isObject, type JsonValue } from '../../base/json.ts';
import { type Isolated, parseIsolated } from './isolated.ts';

/** What the agent starts: resolved to the last detail by the driver. */
export type LaunchSpec = {
  /** `<podUid>.<container>.<attempt>`. */
  readonly id: string;
  readonly argv: readonly string[];
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly cwd: string;
  /** null: as the agent itself. */
  readonly user: number | null;
  /** Directories the container's user makes, if absent, before the program starts. */
  readonly makeDirectories: readonly string[];
  /** Whether the container reads the named pipe `stdin`. */
  readonly stdin: boolean;
  /** Whether its stdin ends with the first client that was attached to it. */
  readonly stdinOnce: boolean;
  /** Whether it has a terminal. */
  readonly tty: boolean;
  /** Unset: a process of the machine, as `user`. Else command, environment, directory and user are the launcher's to know. */
  readonly isolated?: Isolated;
};

const isText = (value: JsonValue | undefined): value is string => typeof value === 'string';
const isTexts = (value: JsonValue | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);

function isEnv(value: JsonValue | undefined): value is readonly (readonly [string, string])[] {
  return Array.isArray(value) && value.every((pair) => isTexts(pair) && pair.length === 2);
}

/** Reads a spec from a message or a file; null when it is not one. */
export function parseLaunchSpec(value: JsonValue | undefined): LaunchSpec | null {
  if (!isObject(value)) return null;
  // The last ones came later: a container of before has none of them.
  const { id, argv, env, cwd, user, makeDirectories, stdin, stdinOnce = false, tty = false } = value;
  if (!isText(id) || !isText(cwd) || !isTexts(argv) || !isTexts(makeDirectories) || !isEnv(env)) return null;
  if (typeof stdin !== 'boolean' || typeof stdinOnce !== 'boolean' || typeof tty !== 'boolean') return null;
  if (user !== null && !Number.isSafeInteger(user)) return null;
  const isolated = value.isolated === undefined ? undefined : parseIsolated(value.isolated);
  if (isolated === null) return null;
  return {
    id,
    argv,
    env,
    cwd,
    user: user === null ? null : Number(user),
    makeDirectories,
    stdin,
    stdinOnce,
    tty,
    ...(isolated === undefined ? {} : { isolated }),
  };
}

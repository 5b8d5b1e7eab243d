import { isObject, type JsonValue } from '../../base/json.ts';

/** What a simulated container does. All spans count from its start. */
export type SimulatedBehaviour = {
  /** From the call that starts it to its start. Default 0. */
  readonly startDelayMs: number;
  /** Startup and readiness probes pass from here on. Default 0. */
  readonly readyAfterMs: number;
  /** Liveness probes fail from here on; null: never. */
  readonly livenessFailsAfterMs: number | null;
  /** It ends by itself; null: it runs until it is stopped. */
  readonly exitAfterMs: number | null;
  /** Added to exitAfterMs: a seeded draw from 0 up to this. Default 0. */
  readonly exitJitterMs: number;
  readonly exitCode: number;
  /** From a stop signal to its end; null: it ignores all but SIGKILL. Default 0. */
  readonly stopAfterMs: number | null;
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  /** What it writes beside its volumes, and to each of them. Default 0. */
  readonly diskBytes: number;
  readonly volumeBytes: number;
  /** Set: the program cannot be started, and this is why. */
  readonly failsToStart: string | null;
  readonly terminationMessage: string;
};

/** A container that is there at once and stays. */
export const calmBehaviour: SimulatedBehaviour = {
  startDelayMs: 0,
  readyAfterMs: 0,
  livenessFailsAfterMs: null,
  exitAfterMs: null,
  exitJitterMs: 0,
  exitCode: 0,
  stopAfterMs: 0,
  cpuMillis: 1,
  memoryBytes: 16 * 1024 * 1024,
  diskBytes: 0,
  volumeBytes: 0,
  failsToStart: null,
  terminationMessage: '',
};

/** Pod annotation: JSON of a behaviour's fields, for all its containers; under `containers`, by name, for one. */
export const BEHAVIOUR_ANNOTATION = 'simulated.pintle.dev/behaviour';

/** The behaviour of one container: the annotation's wishes over those of its image. What is not a behaviour is left out. */
export function behaviourOf(
  annotation: string | undefined,
  container: string,
  ofImage: Partial<SimulatedBehaviour>,
): SimulatedBehaviour {
  const wishes = parsed(annotation);
  const own = isObject(wishes) && isObject(wishes.containers) ? wishes.containers[container] : undefined;
  return { ...calmBehaviour, ...ofImage, ...fieldsOf(wishes), ...fieldsOf(own) };
}

function parsed(text: string | undefined): JsonValue | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function fieldsOf(value: JsonValue | undefined): Partial<SimulatedBehaviour> {
  if (!isObject(value)) return {};
  const fields: Record<string, number | string | null> = {};
  for (const [name, calm] of Object.entries(calmBehaviour)) {
    const wish = value[name];
    const fits =
      typeof calm === 'string' || name === 'failsToStart' ? typeof wish === 'string' : isSpan(wish);
    if (fits || (wish === null && mayBeNull.has(name))) fields[name] = wish as number | string | null;
  }
  return fields;
}

const mayBeNull: ReadonlySet<string> = new Set([
  'livenessFailsAfterMs',
  'exitAfterMs',
  'stopAfterMs',
  'failsToStart',
]);

function isSpan(value: JsonValue | undefined): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

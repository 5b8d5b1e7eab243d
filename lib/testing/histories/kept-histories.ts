import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { History, Step } from './history.ts';
import { runHistory } from './run-history.ts';

/** Histories that found a fault once, as the shortest that did: they are played again for good. */
const DIRECTORY = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'cases', 'seeds');
/** Plays that making a history shorter may take. */
const PLAYS_MAX = 60;

export type KeptHistory = {
  readonly name: string;
  /** What was wrong when it was found. */
  readonly found: readonly string[];
  readonly history: History;
};

export function keptHistories(): readonly KeptHistory[] {
  if (!existsSync(DIRECTORY)) return [];
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(DIRECTORY, file), 'utf8')) as KeptHistory);
}

/** Keeps a history that is wrong; answers with the file's path. */
export async function keepHistory(history: History, found: readonly string[]): Promise<string> {
  const name = `seed-${history.seed}`;
  const kept: KeptHistory = { name, found, history: await shortened(history) };
  mkdirSync(DIRECTORY, { recursive: true });
  const path = join(DIRECTORY, `${name}.json`);
  writeFileSync(path, `${JSON.stringify(kept, null, 2)}\n`);
  return path;
}

/** Without the steps that it goes wrong without. */
async function shortened(history: History): Promise<History> {
  let steps: readonly Step[] = history.steps;
  let plays = 0;
  for (let at = steps.length - 1; at >= 0 && plays < PLAYS_MAX; at -= 1) {
    const fewer = steps.filter((_, each) => each !== at);
    plays += 1;
    if ((await runHistory({ ...history, steps: fewer })).length > 0) steps = fewer;
  }
  return { ...history, steps };
}

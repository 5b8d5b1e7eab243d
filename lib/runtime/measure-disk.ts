import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { limits, timings } from '../base/limits.ts';
import { runProgram } from '../base/run-program.ts';
import { parseContainerId } from './agent/container-directory.ts';
import type { DiskUsage } from './pod/disk-limits.ts';
import { podLayout } from './process/pod-layout.ts';

/** A directory, and whose it is. */
type Place = { readonly path: string; readonly of: string };

/**
 * What a pod's directories hold, as the disk counts it. Links are not followed, other file systems not entered, what is linked twice
 * counts once. Throws WorldError PROGRAM_MISSING, or PROGRAM_FAILED where it takes longer than timings.diskMeasureMaxMs.
 */
export async function measureDisk(options: {
  /** The pods' directory. */
  readonly root: string;
  readonly podUid: string;
  /** The names of empty volumes. */
  readonly volumes: readonly string[];
  /** Directories of the pod that hold one for each run, `<container>.<attempt>`, and where in it what it wrote lies. */
  readonly runs: readonly { readonly directory: string; readonly below: string }[];
  /** Directories that are of no container. */
  readonly others: readonly string[];
  readonly clock: Clock;
}): Promise<DiskUsage> {
  const { root, podUid, runs, clock } = options;
  const layout = podLayout(root, podUid);
  const volumes = options.volumes.map((name): Place => ({ path: layout.volume(name), of: name }));
  const latest = new Map<string, number>();
  const ofRuns = runs.flatMap(({ directory, below }) =>
    runsIn(directory, podUid).map(({ name, container, attempt }) => {
      latest.set(container, Math.max(attempt, latest.get(container) ?? 0));
      return { path: join(directory, name, below), of: container, attempt };
    }),
  );
  const others = options.others.map((path): Place => ({ path, of: '' }));
  const all = [...volumes, ...ofRuns, ...others].filter(({ path }) => existsSync(path));
  const bytes = await bytesOf(
    all.map(({ path }) => path),
    clock,
  );
  const isLatest = ({ of, attempt }: { readonly of: string; readonly attempt: number }): boolean =>
    latest.get(of) === attempt;
  const sum = (places: readonly Place[]): number =>
    places.reduce((total, { path }) => total + (bytes.get(path) ?? 0), 0);
  return {
    volumes: new Map(volumes.map((place) => [place.of, sum([place])])),
    containers: new Map(
      [...latest.keys()].map((name) => [name, sum(ofRuns.filter((run) => run.of === name && isLatest(run)))]),
    ),
    otherBytes: sum([...ofRuns.filter((run) => !isLatest(run)), ...others]),
  };
}

function runsIn(
  directory: string,
  podUid: string,
): readonly { readonly name: string; readonly container: string; readonly attempt: number }[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .slice(-limits.podRunsMeasuredMax)
    .flatMap((name) => {
      const run = parseContainerId(`${podUid}.${name}`);
      return run === null ? [] : [{ name, container: run.container, attempt: run.attempt }];
    });
}

/** By path. What goes while it is counted is counted or not. */
async function bytesOf(paths: readonly string[], clock: Clock): Promise<ReadonlyMap<string, number>> {
  if (paths.length === 0) return new Map();
  // A pod with a million files does not hold up those that serve.
  const args = ['-n', '10', 'du', '-skx', '--', ...paths];
  const timeoutMs = timings.diskMeasureMaxMs;
  const { output } = await runProgram({ program: 'nice', args, timeoutMs, clock });
  return new Map(
    output.split('\n').flatMap((line): readonly (readonly [string, number])[] => {
      const found = /^(\d{1,15})\t(.+)$/.exec(line);
      return found === null ? [] : [[found[2] ?? '', Number(found[1]) * 1024]];
    }),
  );
}

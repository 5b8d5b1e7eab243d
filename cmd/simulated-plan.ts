import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../lib/base/clock.ts';
import type { JsonValue } from '../lib/base/json.ts';
import { silentLog } from '../lib/base/log.ts';
import { callDaemon } from '../lib/daemon/control-client.ts';
import { machineFacts } from '../lib/daemon/machine-facts.ts';
import { type ClusterSnapshot, emptySnapshot, snapshotOf } from '../lib/daemon/simulate/cluster-snapshot.ts';
import { readTree } from '../lib/daemon/simulate/read-tree.ts';
import { type Simulation, simulateRollout } from '../lib/daemon/simulate/simulate-rollout.ts';
import { openRepository } from '../lib/git/open-repository.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import type { PlanOptions } from './plan.ts';
import { sourcePath } from './source-path.ts';
import { version } from './version.ts';

/** `plan --simulate`: in this process, on a copy of what the daemon has; with `--offline` from an empty cluster. */
export async function simulatedPlan(
  revision: string | null,
  options: PlanOptions,
  io: CommandIo,
): Promise<Simulation> {
  const snapshot =
    options.offline === true
      ? await emptyCluster(revision, options, io)
      : snapshotOf(await liveCluster(revision, options, io));
  return simulateRollout(snapshot);
}

function liveCluster(revision: string | null, options: PlanOptions, io: CommandIo): Promise<JsonValue> {
  return callDaemon(dataDirectory(options.data, io), 'snapshot', { revision });
}

async function emptyCluster(
  revision: string | null,
  options: PlanOptions,
  io: CommandIo,
): Promise<ClusterSnapshot> {
  const remote = /^https?:\/\//i.test(options.repo);
  const mirrorDirectory = mkdtempSync(join(tmpdir(), 'pintle-plan-'));
  const clock = systemClock();
  const location = remote ? options.repo : resolve(io.cwd, options.repo);
  const repository = await openRepository({ location, mirrorDirectory, clock, log: silentLog() });
  try {
    const { branch, statusBranch } = options;
    const path = sourcePath(options.path);
    await repository.fetch([branch]);
    const tree = await readTree(repository, { revision, branch, path });
    const settings = {
      source: { name: 'main', location: repository.location, branch, path },
      ...{ statusBranch, takeOverStatus: false, policy: 'hold' as const, pollIntervalMs: 15_000 },
      // What may reach into the host is the daemon's to say; what the repository asks for is shown.
      ...{ nodeName: hostname().toLowerCase(), allowHostAccess: true, serviceRange: '127.96.0.0/16' },
    };
    return emptySnapshot({ nowMs: clock.now(), settings, machine: machineFacts(version, clock), tree });
  } finally {
    await repository.close();
    rmSync(mirrorDirectory, { recursive: true, force: true });
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../lib/base/clock.ts';
import type { JsonValue } from '../lib/base/json.ts';
import { silentLog } from '../lib/base/log.ts';
import { offlinePlan as planOffline } from '../lib/daemon/offline-plan.ts';
import { sourceReader } from '../lib/daemon/source-reader.ts';
import { openRepository } from '../lib/git/open-repository.ts';
import { planAnswer } from '../lib/plan/plan-json.ts';
import { builtinSchema } from '../lib/schema/builtin-schema.ts';
import type { CommandIo } from './command-io.ts';
import type { PlanOptions } from './plan.ts';
import { sourcePath } from './source-path.ts';

/** `pintle plan --offline`: the repository and its last status commit are all that is read. */
export async function offlinePlan(
  revision: string | null,
  options: PlanOptions,
  io: CommandIo,
): Promise<JsonValue> {
  const remote = /^https?:\/\//i.test(options.repo);
  const mirrorDirectory = mkdtempSync(join(tmpdir(), 'pintle-plan-'));
  const repository = await openRepository({
    location: remote ? options.repo : resolve(io.cwd, options.repo),
    mirrorDirectory,
    clock: systemClock(),
    log: silentLog(),
  });
  try {
    const { branch, statusBranch } = options;
    const path = sourcePath(options.path);
    // A simulation without a daemon begins from an empty cluster, and so does its plan.
    const fromNothing = options.simulate === true;
    await repository.fetch(fromNothing ? [branch] : [branch, statusBranch]);
    const schema = builtinSchema();
    // What may reach into the host is the daemon's to say; a plan shows what the repository asks for.
    const reader = sourceReader({ repository, branch, path, schema, allowHostAccess: true });
    const from = { repository, reader, schema, statusBranch, branch, fromNothing };
    const plan = await planOffline({ ...from, revision });
    return planAnswer(plan, schema);
  } finally {
    await repository.close();
    rmSync(mirrorDirectory, { recursive: true, force: true });
  }
}

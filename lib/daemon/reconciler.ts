import { codeOf, messageOf } from '../base/errors.ts';
import { timings } from '../base/limits.ts';
import { subjectOf } from '../git/commit-message.ts';
import type { CommitInfo, Oid } from '../git/repository.ts';
import { dependenciesOf } from '../manifests/apply-after.ts';
import { compareProblems } from '../manifests/compare-problems.ts';
import type { ManifestSet, Problem } from '../manifests/manifest-set.ts';
import type { PlanResult } from '../plan/decide-plan.ts';
import type { ComponentHold } from '../plan/hold.ts';
import { normalised } from '../plan/normalise.ts';
import type { Plan } from '../plan/plan.ts';
import { type KubeObject, type ObjectRef, refKey, refText, sameRef } from '../schema/object.ts';
import { buildReport, type StatusReport } from '../status/report.ts';
import { type ApplierOptions, revisionApplier } from './apply-revision.ts';
import { rowsToMark } from './good-versions.ts';
import { type PassLoop, passLoop } from './pass-loop.ts';
import { referenceWarnings } from './reference-warnings.ts';
import { decideHolds, type FailedRolloutPolicy } from './rollout-guard.ts';
import type { SourceReader } from './source-reader.ts';
import type { StandingTroubles } from './standing-troubles.ts';

export type ReconcilerOptions = ApplierOptions & {
  readonly reader: SourceReader;
  readonly policy: FailedRolloutPolicy;
  readonly troubles: StandingTroubles;
  /** Called with the report of every pass, whether or not anything changed. */
  readonly onReport: (report: StatusReport) => void;
  /** Called with the holds that stand at the end of every pass. */
  readonly onHolds: (holds: readonly ComponentHold[], head: Oid, desired: ManifestSet) => void;
};

export type Reconciler = PassLoop & {
  /** Of the last pass; null before the first. */
  report(): StatusReport | null;
  /** The plan of a manifest set against what is live now; changes nothing. */
  planFor(revision: string | null, desired: ManifestSet): Promise<Plan>;
  /** `healKey`s of fields whose healing pauses now. */
  backedOff(): ReadonlySet<string>;
};

/**
 * The loop from git to live and back: read the branch, plan, apply, look at health, decide what is good and what to hold.
 * Each pass starts from what is there, so whatever a pass that died left undone, the next one does.
 */
export function reconciler(options: ReconcilerOptions): Reconciler {
  const { clock, log, record, view } = options;
  const applier = revisionApplier(options);
  const warnings = referenceWarnings({
    schema: options.schema,
    isLive: (ref) => view.live(ref) !== null,
    onKnown: () => loop.poke(),
  });
  let report: StatusReport | null = null;

  const track = (desired: ManifestSet): Promise<void> =>
    view.track([
      ...[...desired.objects, ...desired.rejected, ...record.inventory.values()].map(({ ref }) => ref),
      // What is waited for need not be git's.
      ...desired.objects.flatMap(({ object }) => dependenciesOf(object, options.schema).refs),
    ]);

  const pass = async (): Promise<void> => {
    const { head, desired } = await options.reader.read();
    if (report === null) record.share(desired);
    await track(desired);
    if (head !== null && head.oid !== record.state.revision && head.oid !== report?.head) {
      options.emit({ type: 'revision', revision: head.oid, subject: subjectOf(head.message) });
    }
    const { result, whole } = await applier.apply(head, desired);
    if (!whole) loop.poke(timings.passRetryMinMs);
    report = reportOf(head, desired, result.plan);
    // What was just changed has not been looked at by its controller yet: it is judged by the next pass.
    if (result.plan.changes.length > 0) loop.pokeCalmly();
    else
      await record.writeRows(
        rowsToMark({ objects: report.objects, components: result.components, inventory: record.inventory }),
      );
    if (await holdFailed(report, result, desired)) loop.poke();
    if (head !== null) options.onHolds(record.state.holds, head.oid, desired);
    const nextAtMs = applier.nextAtMs();
    if (nextAtMs !== null) loop.poke(Math.max(0, nextAtMs - clock.now()));
    options.troubles.end('pass');
    options.onReport(report);
  };

  const reportOf = (head: CommitInfo | null, desired: ManifestSet, plan: Plan): StatusReport =>
    buildReport({
      source: record.state.spec,
      now: clock.now(),
      head: head?.oid ?? null,
      headSubject: head === null ? '' : subjectOf(head.message),
      revision: record.state.revision,
      plan: { ...plan, problems: problemsOf(desired) },
      holds: record.state.holds,
      inventory: record.inventory,
      live: view.live,
      context: view.healthContext(clock.now()),
      events: view.events(),
    });

  const problemsOf = (desired: ManifestSet): readonly Problem[] => {
    const more = warnings.of(desired);
    return more.length === 0 ? desired.problems : [...desired.problems, ...more].sort(compareProblems);
  };

  /** Records a hold for each component whose rollout failed; the next pass takes it back. */
  const holdFailed = async (
    current: StatusReport,
    { components, plan }: PlanResult,
    desired: ManifestSet,
  ): Promise<boolean> => {
    const { policy, emit } = options;
    const asGitSays = (ref: ObjectRef): KubeObject | null => {
      const object = desired.objects.find((manifest) => sameRef(manifest.ref, ref))?.object;
      return object === undefined ? null : normalised(object);
    };
    const { found, standing } = decideHolds({
      policy,
      objects: current.objects,
      components,
      inventory: record.inventory,
      desired: asGitSays,
      holds: record.state.holds,
      history: record.state.history.map(({ revision }) => revision),
      changed: new Set(plan.changes.map(({ ref }) => refKey(ref))),
      now: clock.now(),
    });
    if (found.length === 0 && standing.length === record.state.holds.length) return false;
    // CRASH: from here on the holds are known; a process that died before finds the failure again.
    await record.writeState({ ...record.state, holds: [...standing, ...found] });
    for (const hold of found) {
      const { mode, evidence, goodRevisions } = hold;
      log.warn('rollout-failed', { cause: refKey(hold.cause), mode, evidence, goodRevisions });
      emit({ type: 'hold', object: refText(hold.cause), mode, evidence, goodRevisions });
    }
    return true;
  };

  const loop = passLoop({
    clock,
    pass,
    onFailure(thrown) {
      const code = codeOf(thrown) ?? 'PASS_FAILED';
      log.warn('pass-failed', {
        code,
        message: messageOf(thrown),
        stack: thrown instanceof Error ? thrown.stack : undefined,
      });
      // A disk that refuses is told of by the store, for all who write to it.
      if (code !== 'STORE_UNWRITABLE')
        options.troubles.begin('pass', { code, message: messageOf(thrown), retried: true });
    },
  });
  return {
    ...loop,
    idle: () => loop.idle() && warnings.idle(),
    report: () => report,
    backedOff: applier.backedOff,
    async planFor(revision, desired) {
      await track(desired);
      return applier.plan(revision, desired).plan;
    },
  };
}

import type { Clock, EpochMs } from '../base/clock.ts';
import { codeOf, messageOf, WorldError } from '../base/errors.ts';
import { timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { GitRepository, Oid } from '../git/repository.ts';
import type { ManifestSet } from '../manifests/manifest-set.ts';
import type { ComponentHold } from '../plan/hold.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import { restoreComponent } from './restore-component.ts';

/** `--on-failed-rollout commit`: brings the files of what is held back to what they were, once for each hold. */
export type HoldRestorer = {
  /** Takes note of the holds that stand at `head`; those not restored yet are, soon. Never waits, never throws. */
  look(holds: readonly ComponentHold[], head: Oid, desired: ManifestSet): void;
  idle(): boolean;
  /** Waits for the commit under way. */
  stop(): Promise<void>;
};

/**
 * It goes by the holds that stand, not by their coming up: a daemon that died between recording a hold and the commit finds the
 * hold and commits then; one that died after the commit finds the branch moved and the hold gone.
 */
export function holdRestorer(options: {
  readonly repository: GitRepository;
  readonly branch: string;
  readonly inventory: () => ReadonlyMap<string, InventoryRow>;
  readonly clock: Clock;
  readonly log: Log;
  /** `retried`: it is tried again by itself. */
  readonly onTrouble: (code: string, message: string, retried: boolean) => void;
  /** Asks for a pass, which looks again. */
  readonly poke: (delayMs?: number) => void;
}): HoldRestorer {
  const { repository, branch, clock, log, onTrouble, poke } = options;
  /** Holds that were restored, or cannot be. */
  const answered = new Set<string>();
  let failures = 0;
  let retryAtMs: EpochMs = Number.NEGATIVE_INFINITY;
  let restoring: Promise<void> | null = null;

  const restore = async (hold: ComponentHold, head: Oid, desired: ManifestSet): Promise<void> => {
    try {
      const now = clock.now();
      const inventory = options.inventory();
      const restored = await restoreComponent({ repository, branch, head, hold, desired, inventory, now });
      failures = 0;
      log.info('component-restored', { ...restored });
      // Raced: the branch says something else now, which the next pass looks at first.
      if (restored.outcome !== 'raced') answered.add(nameOf(hold));
      if (restored.outcome === 'not-possible') onTrouble('RESTORE_NOT_POSSIBLE', restored.reason, false);
      else poke();
    } catch (thrown) {
      // The component is held live all the same; the commit was a convenience.
      failures += 1;
      const code = codeOf(thrown) ?? 'RESTORE_FAILED';
      log.warn('restore-failed', { code, message: messageOf(thrown) });
      if (failures === 1) onTrouble(code, messageOf(thrown), thrown instanceof WorldError);
      if (!(thrown instanceof WorldError)) return void answered.add(nameOf(hold));
      const delayMs = Math.min(timings.passRetryMinMs * 2 ** (failures - 1), timings.passRetryMaxMs);
      retryAtMs = clock.now() + delayMs;
      poke(delayMs);
    }
  };
  return {
    look(holds, head, desired) {
      const present = new Set(holds.map(nameOf));
      for (const name of answered) if (!present.has(name)) answered.delete(name);
      const next = holds.find((hold) => hold.mode === 'hold' && !answered.has(nameOf(hold)));
      if (next === undefined || restoring !== null || clock.now() < retryAtMs) return;
      restoring = restore(next, head, desired).finally(() => {
        restoring = null;
      });
    },
    idle: () => restoring === null,
    async stop() {
      await restoring;
    },
  };
}

/** The same manifests may fail again later: that is another hold. */
function nameOf({ failedDigest, sinceMs }: ComponentHold): string {
  return `${failedDigest} ${sinceMs}`;
}

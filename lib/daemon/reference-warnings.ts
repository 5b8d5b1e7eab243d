import { limits } from '../base/limits.ts';
import { checkReferencesInSteps } from '../manifests/check-references.ts';
import type { ManifestSet, Problem } from '../manifests/manifest-set.ts';
import type { ObjectRef } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';

export type ReferenceWarnings = {
  /**
   * What of a set's references leads nowhere, as warnings; what is live is not missing. The first call for a set begins to look:
   * the answer of a small one is there at once, a large one's is [] until `onKnown` was called.
   */
  of(desired: ManifestSet): readonly Problem[];
  /** Nothing is being looked for. */
  idle(): boolean;
};

/**
 * Looks a set's references over beside everything else: once for a set, and never for longer at a stretch than
 * `referenceStepsPerTurn` objects take, for probes and status calls wait meanwhile. It holds nothing back (design, decision 6).
 */
export function referenceWarnings(options: {
  readonly schema: Schema;
  readonly isLive: (ref: ObjectRef) => boolean;
  /** A set's warnings have become known, and there are some. Never called from within `of`. */
  readonly onKnown: () => void;
}): ReferenceWarnings {
  let looked: ManifestSet | null = null;
  let known: readonly Problem[] | null = null;

  const turn = (steps: Generator<void, readonly Problem[]>): void => {
    for (let count = 0; count < limits.referenceStepsPerTurn; count += 1) {
      const { done, value } = steps.next();
      if (done !== true) continue;
      known = value;
      return;
    }
  };
  const goOn = (desired: ManifestSet, steps: Generator<void, readonly Problem[]>): void => {
    setImmediate(() => {
      // Another set has come meanwhile: this one matters to nobody any more.
      if (looked !== desired) return;
      turn(steps);
      if (known === null) goOn(desired, steps);
      else if (known.length > 0) options.onKnown();
    });
  };
  return {
    of(desired) {
      if (looked !== desired) {
        looked = desired;
        known = null;
        const steps = checkReferencesInSteps(desired, options.schema, {
          mode: 'apply',
          problemsMax: limits.referenceWarningsMax,
        });
        turn(steps);
        if (known === null) goOn(desired, steps);
      }
      return (known ?? []).filter(({ missing }) => missing === undefined || !options.isLive(missing));
    },
    idle: () => looked === null || known !== null,
  };
}

import { quantityToMillis } from '../../schema/quantity.ts';
import type { HPAScalingRules } from '../../schema/types.gen.ts';

/** How far use may be from its target before anything is done about it: 0.1 is a tenth. */
export type Tolerance = { readonly up: number; readonly down: number };

/** Source: kube-controller-manager's default. */
const USUAL = 0.1;

export const usualTolerance: Tolerance = { up: USUAL, down: USUAL };

export function toleranceOf(rules: {
  readonly up: HPAScalingRules | undefined;
  readonly down: HPAScalingRules | undefined;
}): Tolerance {
  const read = (raw: HPAScalingRules['tolerance']): number =>
    raw === undefined ? USUAL : quantityToMillis(raw) / 1000;
  return { up: read(rules.up?.tolerance), down: read(rules.down?.tolerance) };
}

/** `ratio`: use over target. The bounds are within. */
export function isWithin(tolerance: Tolerance, ratio: number): boolean {
  return 1 - tolerance.down <= ratio && ratio <= 1 + tolerance.up;
}

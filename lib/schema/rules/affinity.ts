import { checkLabelKey } from '../names.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { PodAffinityTerm } from '../types.gen.ts';
import { checkText } from './name-text.ts';
import { checkRange } from './number-range.ts';

const WEIGHT = { path: ['weight'], min: 1, max: 100, why: 'must be in the range 1-100' };

/** Source: core/v1 validation.go validateAffinity. */
const weighted = {
  check({ weight }: { readonly weight?: number }, at: At) {
    checkRange(at, weight, WEIGHT);
  },
};

const podTerm: Rule = {
  on: typeNamed('core/v1.PodAffinityTerm'),
  check({ topologyKey }: Sound<PodAffinityTerm>, at) {
    checkText(at, topologyKey, { path: ['topologyKey'], check: checkLabelKey, ruleId: 'invalid-key' });
  },
};

export const affinity: readonly Rule[] = [
  { on: typeNamed('core/v1.PreferredSchedulingTerm'), ...weighted },
  { on: typeNamed('core/v1.WeightedPodAffinityTerm'), ...weighted },
  podTerm,
];

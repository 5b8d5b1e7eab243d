import { quantityOf } from '../quantity.ts';
import { type Rule, type Sound, typeNamed } from '../rule.ts';
import type { PersistentVolumeClaimSpec } from '../types.gen.ts';
import { forbiddenField, invalidValue, requiredValue } from '../wording.ts';
import { checkAmount } from './workloads.ts';

type Budget = { readonly minAvailable?: number | string; readonly maxUnavailable?: number | string };

/** Source: policy validation.go. */
const budget: Rule = {
  on: typeNamed('policy/v1.PodDisruptionBudgetSpec'),
  check({ minAvailable, maxUnavailable }: Budget, at) {
    if (minAvailable !== undefined && maxUnavailable !== undefined)
      at.error('conflicting-fields', ['maxUnavailable'], 'cannot be set together with minAvailable', {
        wording: invalidValue(
          { minAvailable, maxUnavailable },
          'minAvailable and maxUnavailable cannot be both set',
        ),
        apiPath: [],
      });
    checkAmount(at, minAvailable, { path: ['minAvailable'], percentMax: 100 });
    checkAmount(at, maxUnavailable, { path: ['maxUnavailable'], percentMax: 100 });
  },
};

const claim: Rule = {
  on: typeNamed('core/v1.PersistentVolumeClaimSpec'),
  check({ resources, accessModes = [] }: Sound<PersistentVolumeClaimSpec>, at) {
    if (accessModes.includes('ReadWriteOncePod') && accessModes.length > 1)
      at.error('conflicting-fields', ['accessModes'], 'must hold nothing beside ReadWriteOncePod', {
        wording: forbiddenField('may not use ReadWriteOncePod with other access modes'),
      });
    if (resources === undefined) return;
    const storage = resources.requests?.storage;
    if (storage === undefined)
      at.error('missing-field', ['resources', 'requests', 'storage'], 'is required', {
        wording: requiredValue(),
        apiPath: ['resources', '[storage]'],
      });
    else if ((quantityOf(storage)?.nanos ?? 1n) <= 0n)
      at.error('out-of-range', ['resources', 'requests', 'storage'], 'must be greater than 0', {
        wording: invalidValue(String(storage), 'must be greater than zero'),
        apiPath: ['resources', '[storage]'],
      });
  },
};

export const policies: readonly Rule[] = [budget, claim];

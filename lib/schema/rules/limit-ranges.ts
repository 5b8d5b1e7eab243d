import { compareQuantities, formatQuantity, type Quantity, quantityOf } from '../quantity.ts';
import { type At, type Rule, typeNamed } from '../rule.ts';
import { forbiddenField, invalidValue, requiredValue } from '../wording.ts';

type Amounts = Readonly<Record<string, string | number | undefined>>;
type Item = {
  readonly type?: string;
  readonly min?: Amounts;
  readonly max?: Amounts;
  readonly default?: Amounts;
  readonly defaultRequest?: Amounts;
  readonly maxLimitRequestRatio?: Amounts;
};

const ONE = quantityOf(1);

/** As it is named, and what it is. */
type Bound = readonly [name: string, amount: Quantity | null];

/** Source: core/v1 validation.go ValidateLimitRange. */
const range: Rule = {
  on: typeNamed('core/v1.LimitRangeSpec'),
  check({ limits = [] }: { readonly limits?: readonly Item[] }, at) {
    const seen = new Set<string>();
    for (const [index, { type }] of limits.entries()) {
      if (type === undefined) continue;
      if (seen.has(type))
        at.error('duplicate-entry', ['limits', index, 'type'], `is said of ${type} before`, {
          wording: { reason: 'FieldValueDuplicate', message: `Duplicate value: ${JSON.stringify(type)}` },
        });
      seen.add(type);
    }
  },
};

const item: Rule = {
  on: typeNamed('core/v1.LimitRangeItem'),
  check(limits: Item, at) {
    const { type } = limits;
    if (type === 'Pod') {
      for (const field of ['default', 'defaultRequest'] as const)
        if (limits[field] !== undefined)
          at.error('conflicting-fields', [field], 'cannot be set where the type is Pod', {
            wording: forbiddenField("may not be specified when `type` is 'Pod'"),
          });
    }
    if (
      type === 'PersistentVolumeClaim' &&
      limits.min?.storage === undefined &&
      limits.max?.storage === undefined
    )
      at.error('missing-field', [], 'must bound storage by min or max', {
        wording: requiredValue(
          'either minimum or maximum storage value is required, but neither was provided',
        ),
      });
    const fields = ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
    const names = new Set(fields.flatMap((field) => Object.keys(limits[field] ?? {})));
    for (const name of names) checkOrder(at, limits, name);
  },
};

/** One resource: min ≤ defaultRequest ≤ default ≤ max, with what is left out as it is defaulted, and a ratio that is possible. */
function checkOrder(at: At, limits: Item, name: string): void {
  const [min, max] = [quantityOf(limits.min?.[name]), quantityOf(limits.max?.[name])];
  const fills = limits.type === 'Container';
  const limit = quantityOf(limits.default?.[name]) ?? (fills ? max : null);
  const request = quantityOf(limits.defaultRequest?.[name]) ?? (fills ? (limit ?? min) : null);
  const ratio = quantityOf(limits.maxLimitRequestRatio?.[name]);
  const bounds: readonly (readonly [field: string, low: Bound, high: Bound])[] = [
    ['min', ['min', min], ['max', max]],
    ['defaultRequest', ['min', min], ['default request', request]],
    ['defaultRequest', ['default request', request], ['max', max]],
    ['defaultRequest', ['default request', request], ['default limit', limit]],
    ['default', ['min', min], ['default', limit]],
    ['default', ['default', limit], ['max', max]],
  ];
  for (const [field, [lowName, low], [highName, high]] of bounds) {
    if (low === null || high === null || compareQuantities(low, high) <= 0) continue;
    const why = `${lowName} value ${formatQuantity(low)} is greater than ${highName} value ${formatQuantity(high)}`;
    // The field that is told of is one of the two, by its name.
    const said = highName.startsWith('default') && lowName === 'min' ? high : low;
    at.error('out-of-range', [field, name], `is out of order: ${why}`, {
      wording: invalidValue(formatQuantity(said), why),
    });
  }
  if (ratio === null) return;
  const path = ['maxLimitRequestRatio', name];
  const said = formatQuantity(ratio);
  if (ONE !== null && compareQuantities(ratio, ONE) < 0)
    at.error('out-of-range', path, 'must be at least 1', {
      wording: invalidValue(said, `ratio ${said} is less than 1`),
    });
  if (min === null || max === null || min.nanos === 0n) return;
  const widest = Number(max.nanos) / Number(min.nanos);
  if (Number(ratio.nanos) / 1e9 > widest)
    at.error('out-of-range', path, `cannot be more than max / min, which is ${widest}`, {
      wording: invalidValue(said, `ratio ${said} is greater than max/min = ${widest.toFixed(6)}`),
    });
}

export const limitRanges: readonly Rule[] = [range, item];

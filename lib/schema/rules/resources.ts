import type { FieldPath } from '../finding.ts';
import { nameWords } from '../name-wording.ts';
import { checkQualifiedName } from '../names.ts';
import { compareQuantities, quantityOf } from '../quantity.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { ResourceRequirements } from '../types.gen.ts';
import { invalidValue } from '../wording.ts';

type Amounts = Readonly<Record<string, string | number | undefined>>;

/** Names without a prefix that a container may ask for. Source: core/helper IsStandardContainerResourceName. */
const STANDARD = /^(cpu|memory|ephemeral-storage|storage|hugepages-.+)$/;

/** Source: core/v1 validation.go ValidateContainerResourceRequirements. */
const requirements: Rule = {
  on: typeNamed('core/v1.ResourceRequirements'),
  check({ limits = {}, requests = {} }: Sound<ResourceRequirements>, at) {
    checkAmounts(at, limits, ['limits']);
    checkAmounts(at, requests, ['requests']);
    for (const [name, amount] of Object.entries(requests)) {
      const request = quantityOf(amount);
      const limit = quantityOf(limits[name]);
      if (request === null || limit === null || compareQuantities(request, limit) <= 0) continue;
      at.error(
        'requests-over-limits',
        ['requests', name],
        `must not exceed the limit of ${limits[name]}; it is ${amount}`,
        {
          wording: invalidValue(
            String(amount),
            `must be less than or equal to ${name} limit of ${limits[name]}`,
          ),
          apiPath: ['requests'],
        },
      );
    }
  },
};

function checkAmounts(at: At, amounts: Amounts, path: FieldPath): void {
  for (const [name, amount] of Object.entries(amounts)) {
    const standard = STANDARD.test(name);
    if (!name.includes('/') && !standard)
      at.error(
        'invalid-resource',
        [...path, name],
        'is no resource of a container (cpu, memory, ephemeral-storage)',
        { wording: invalidValue(name, 'must be a standard resource for containers') },
      );
    else
      for (const wrong of checkQualifiedName(name))
        at.error('invalid-resource', [...path, name], wrong, {
          wording: invalidValue(name, nameWords(wrong)),
        });
    checkNotNegative(at, amount, [...path, name]);
    const quantity = quantityOf(amount);
    if (name.includes('/') && quantity !== null && quantity.nanos % 1_000_000_000n !== 0n)
      at.error('invalid-resource', [...path, name], 'must be a whole number', {
        wording: invalidValue(String(amount), 'must be an integer'),
      });
    if (name === 'memory' && quantity !== null && typeof amount === 'string' && amount.endsWith('m'))
      at.warning(
        'invalid-resource',
        [...path, name],
        'is in thousandths of a byte',
        amount.replace(/m$/, 'M'),
      );
  }
}

export function checkNotNegative(at: At, amount: unknown, path: FieldPath): void {
  const quantity = quantityOf(amount);
  if (quantity !== null && quantity.nanos < 0n)
    at.error('out-of-range', path, `must not be negative; it is ${String(amount)}`, {
      wording: invalidValue(String(amount), 'must be greater than or equal to 0'),
    });
}

export const resources: readonly Rule[] = [requirements];

import type { FieldPath } from '../finding.ts';
import { type At, type Rule, typeNamed } from '../rule.ts';
import { invalidValue, requiredValue } from '../wording.ts';
import { checkNotNegative } from './resources.ts';

/** Of pods: their number, and what they compute with. Source: core/helper podObjectCountQuotaResources, podComputeQuotaResources. */
const COUNTED: ReadonlySet<string> = new Set(['pods']);
const COMPUTE: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'limits.cpu',
  'limits.memory',
  'requests.cpu',
  'requests.memory',
]);
/** These two exclude each other. */
const OPPOSITES = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;
const WITH_VALUES: ReadonlySet<string> = new Set(['PriorityClass', 'VolumeAttributesClass']);

type Amounts = Readonly<Record<string, string | number | undefined>>;

type Expression = {
  readonly scopeName?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
};
type QuotaSpec = {
  readonly hard?: Amounts;
  readonly scopes?: readonly string[];
  readonly scopeSelector?: { readonly matchExpressions?: readonly Expression[] };
};

/** Source: core/v1 validation.go ValidateResourceQuotaSpec. */
const quota: Rule = {
  on: typeNamed('core/v1.ResourceQuotaSpec'),
  check({ hard = {}, scopes = [], scopeSelector }: QuotaSpec, at) {
    for (const [name, amount] of Object.entries(hard)) {
      if (amount !== undefined) checkNotNegative(at, amount, ['hard', name]);
    }
    const expressions = scopeSelector?.matchExpressions ?? [];
    const names = Object.keys(hard);
    checkScopes(at, { scopes, path: ['scopes'], names });
    checkScopes(at, {
      scopes: expressions.flatMap(({ scopeName }) => scopeName ?? []),
      path: ['scopeSelector', 'matchExpressions'],
      names,
    });
    for (const [index, expression] of expressions.entries())
      checkExpression(at, expression, ['scopeSelector', 'matchExpressions', index]);
  },
};

function checkScopes(
  at: At,
  {
    scopes,
    path,
    names,
  }: { readonly scopes: readonly string[]; readonly path: FieldPath; readonly names: readonly string[] },
): void {
  const printed = [...scopes];
  for (const pair of OPPOSITES)
    if (pair.every((scope) => scopes.includes(scope)))
      at.error('conflicting-fields', path, `cannot hold both ${pair.join(' and ')}`, {
        wording: invalidValue(printed, 'conflicting scopes'),
      });
  if (scopes.some((scope) => names.some((name) => !isLimitedBy(scope, name))))
    at.error('invalid-resource', path, `cannot be applied to all of ${names.join(', ')}`, {
      wording: invalidValue(printed, 'unsupported scope applied to resource'),
    });
}

/** Whether a scope can be said of what a quota limits. */
function isLimitedBy(scope: string, name: string): boolean {
  switch (scope) {
    case 'BestEffort':
      return COUNTED.has(name);
    case 'VolumeAttributesClass':
      return (
        name === 'persistentvolumeclaims' || name === 'requests.storage' || name.includes('.storageclass.')
      );
    case 'Terminating':
    case 'NotTerminating':
    case 'NotBestEffort':
    case 'PriorityClass':
    case 'CrossNamespacePodAffinity':
      return COUNTED.has(name) || COMPUTE.has(name);
    default:
      // What it is, is told elsewhere.
      return true;
  }
}

function checkExpression(at: At, expression: Expression, path: FieldPath): void {
  const { scopeName = '', operator = '', values = [] } = expression;
  if (!WITH_VALUES.has(scopeName) && operator !== 'Exists')
    at.error('invalid-selector', [...path, 'operator'], `must be Exists for the scope ${scopeName}`, {
      wording: invalidValue(
        operator,
        "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
      ),
    });
  const lists = operator === 'In' || operator === 'NotIn';
  if (lists && values.length === 0)
    at.error('invalid-selector', [...path, 'values'], `must name at least one for ${operator}`, {
      wording: requiredValue(
        "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      ),
    });
  if (!lists && operator !== '' && values.length > 0)
    at.error('invalid-selector', [...path, 'values'], `must be empty for ${operator}`, {
      wording: invalidValue(
        [...values],
        "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
      ),
    });
}

export const quotas: readonly Rule[] = [quota];

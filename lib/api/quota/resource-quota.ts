import type { KubeObject } from '../../schema/object.ts';

type Amounts = Readonly<Record<string, string | number>>;

/** One expression of a quota's scopeSelector. */
export type ScopeRequirement = {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[];
};

/** core/v1, as far as it is read here. */
export type ResourceQuota = KubeObject & {
  readonly spec?: {
    readonly hard?: Amounts;
    readonly scopes?: readonly string[];
    readonly scopeSelector?: { readonly matchExpressions?: readonly ScopeRequirement[] };
  };
  readonly status?: { readonly hard?: Amounts; readonly used?: Amounts };
};

export const QUOTA = { group: '', kind: 'ResourceQuota' } as const;

import type { Problem } from '../../lib/manifests/manifest-set.ts';

/** What validate found; every output form is made of it alone. */
export type ValidateReport = {
  /** By file, line and column. */
  readonly problems: readonly Problem[];
  /** Files that were looked into, sorted. */
  readonly files: readonly string[];
  /** Objects read, sound or not. */
  readonly objects: number;
};

export type Counts = { readonly errors: number; readonly warnings: number };

export function countsOf(problems: readonly Problem[]): Counts {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: problems.length - errors };
}

/** `1 error`, `2 errors`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

import { pathsOf } from './field-set.ts';
import type { Manager } from './managers.ts';
import { pathText } from './path-element.ts';

/** One field that another manager owns, as a cause of a Status. */
export type ConflictCause = {
  readonly reason: 'FieldManagerConflict';
  readonly message: string;
  readonly field: string;
};

export type Conflicts = {
  /** The message of the Status, as kubectl prints it. */
  readonly message: string;
  readonly causes: readonly ConflictCause[];
};

/** Source: apiserver managedfields printManager. */
function managerText({ manager, operation, apiVersion, subresource }: Manager): string {
  const quoted = JSON.stringify(manager);
  const within = subresource === '' ? quoted : `${quoted} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update' ? `${within} using ${apiVersion}` : within;
}

/** What to answer an apply that would change fields of others. `owners`: each with the fields in conflict. */
export function conflictsWith(owners: readonly Manager[]): Conflicts {
  const rows = owners
    .map((owner) => ({ owner: managerText(owner), paths: pathsOf(owner.fields).map(pathText) }))
    .sort((a, b) => (a.owner < b.owner ? -1 : 1));
  const causes = rows.flatMap(({ owner, paths }) =>
    paths.map((field) => ({
      reason: 'FieldManagerConflict' as const,
      message: `conflict with ${owner}`,
      field,
    })),
  );
  const [only] = causes;
  if (only !== undefined && causes.length === 1)
    return { message: `Apply failed with 1 conflict: ${only.message}: ${only.field}`, causes };
  const lines = rows.flatMap(({ owner, paths }) => [
    `conflicts with ${owner}:`,
    ...paths.map((path) => `- ${path}`),
  ]);
  return { message: `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`, causes };
}

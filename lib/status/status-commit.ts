import { createHash } from 'node:crypto';
import { refKey } from '../schema/object.ts';
import { objectFile, objectPath, sourceFiles } from './files.ts';
import type { ObjectStatus, StatusReport } from './report.ts';
import { objectTransition, sourceTransition } from './transition.ts';

/** What the status branch holds, as far as it matters for the next commit: transitions by object file. */
export type StatusTree = {
  readonly digest: string;
  readonly source: string;
  /** Object file → transition. */
  readonly objects: ReadonlyMap<string, string>;
};

export type StatusChange = {
  readonly tree: StatusTree;
  /** Each is rendered when it is taken: a first commit has one for every object. */
  readonly files: Iterable<StatusFile>;
  readonly changed: readonly ObjectStatus[];
};

/** `text` null: the file goes. */
export type StatusFile = { readonly path: string; readonly text: string | null };

/** Worked out once for a report, which never changes; goes with it. */
const known = new WeakMap<StatusReport, StatusTree>();

/** The tree of a report, in transitions. */
export function statusTreeOf(report: StatusReport): StatusTree {
  let tree = known.get(report);
  if (tree === undefined) {
    const objects = new Map(
      report.objects.map((status) => [objectPath(status.ref), objectTransition(status)]),
    );
    const source = sourceTransition(report);
    const lines = [source];
    for (const [path, transition] of objects) lines.push(path, transition);
    const digest = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32);
    tree = { digest, source, objects };
    known.set(report, tree);
  }
  return tree;
}

/**
 * The files to write so that a tree shows a report; null when nothing worth a commit happened. `before` null: what is
 * there is unknown, every file is written (and the commit starts from an empty tree).
 */
export function decideStatusChange(report: StatusReport, before: StatusTree | null): StatusChange | null {
  const tree = statusTreeOf(report);
  if (before !== null && before.digest === tree.digest) return null;
  const changed = report.objects.filter((status) => {
    const path = objectPath(status.ref);
    return before === null || before.objects.get(path) !== tree.objects.get(path);
  });
  const gone = [...(before?.objects.keys() ?? [])].filter((path) => !tree.objects.has(path));
  return { tree, files: statusFiles(report, { changed, gone }), changed: before === null ? [] : changed };
}

function* statusFiles(
  report: StatusReport,
  { changed, gone }: { readonly changed: readonly ObjectStatus[]; readonly gone: readonly string[] },
): Generator<StatusFile> {
  for (const [path, text] of sourceFiles(report)) yield { path, text };
  for (const status of changed) yield { path: objectPath(status.ref), text: objectFile(status) };
  for (const path of gone) yield { path, text: null };
}

/**
 * Objects whose health differs between two reports: what is shown as it happens. How far something has come is its message;
 * elsewhere messages change all the while.
 */
export function healthChanges(before: StatusReport | null, after: StatusReport): readonly ObjectStatus[] {
  const known = new Map(before?.objects.map((status) => [refKey(status.ref), shownHealth(status)]));
  return after.objects.filter((status) => known.get(refKey(status.ref)) !== shownHealth(status));
}

function shownHealth({ health: { state, reason, message } }: ObjectStatus): string {
  return `${state} ${reason} ${state === 'Progressing' ? message : ''}`;
}

import { type DraftObject, type DraftValue, isAbsent, isDraftObject } from '../draft.ts';
import { fieldPathText } from '../finding.ts';

/** What a conversion did, for the warning that says what to write. */
export class ConversionNotes {
  /** Fields to write so that the new version means the same: `spec.revisionHistoryLimit: 2`. */
  readonly toWrite: string[] = [];
  /** Fields that have no counterpart, as paths. */
  readonly lost: (readonly string[])[] = [];

  /** Sets a field that is absent to the value the old version had for it. */
  fill(draft: DraftObject, path: readonly string[], value: DraftValue): void {
    let at = draft;
    for (const name of path.slice(0, -1)) {
      if (isAbsent(at[name])) at[name] = {};
      const inner = at[name];
      if (!isDraftObject(inner)) return;
      at = inner;
    }
    const last = path.at(-1) ?? '';
    if (!isAbsent(at[last])) return;
    at[last] = value;
    this.toWrite.push(`${fieldPathText(path)}: ${JSON.stringify(value)}`);
  }

  /** Takes a field away that nothing replaces. */
  drop(draft: DraftObject, path: readonly string[]): void {
    let at: DraftValue | undefined = draft;
    for (const name of path.slice(0, -1)) at = isDraftObject(at) ? at[name] : undefined;
    const last = path.at(-1) ?? '';
    if (!isDraftObject(at) || !Object.hasOwn(at, last)) return;
    delete at[last];
    this.lost.push(path);
  }
}

/** How an object of one old version becomes one of the stored version. Tolerates any shape: it is checked afterwards. */
export type Conversion = {
  /** The Kubernetes release that stopped serving it; absent while it is served. */
  readonly removedIn?: string;
  /** Changes the draft in place (its apiVersion is set already). Absent: the fields are the same. */
  readonly convert?: (draft: DraftObject, notes: ConversionNotes) => void;
};

/** By `apiVersion/Kind`. */
export type ConversionTable = Readonly<Record<string, Conversion>>;

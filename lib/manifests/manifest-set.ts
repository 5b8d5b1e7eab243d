import type { FieldPath, Finding } from '../schema/finding.ts';
import type { KubeObject, ObjectRef } from '../schema/object.ts';

/** One file of a tree. `bytes` null: not read, `unread` says why. */
export type SourceFile = {
  readonly path: string;
  /** Blob oid; parsing is cached by it. */
  readonly blob: string;
  readonly bytes: Uint8Array | null;
  readonly unread?: 'too-large' | 'symlink' | 'submodule' | 'missing';
  readonly sizeBytes?: number;
};

/** 1-based; columns count UTF-16 units. */
export type Position = { readonly line: number; readonly column: number };

export type ManifestObject = {
  readonly ref: ObjectRef;
  /** In the stored version of its kind, namespace filled in, no defaults applied. */
  readonly object: KubeObject;
  readonly path: string;
  /** 0-based index of the document in the file (items of a List count on). */
  readonly document: number;
  readonly blob: string;
  readonly position: Position;
  /** The apiVersion as written. */
  readonly writtenApiVersion: string;
  /** Where a field stands (its nearest written ancestor when it is not written). Parses again: not for bulk. */
  locate(path: FieldPath): Position;
  /** As locate, with what to underline and the line as it stands in the file. */
  quote?(path: FieldPath): Quoted;
};

/** A place for people. `sourceLine` is left out where it could hold a secret. */
export type Quoted = {
  readonly position: Position;
  readonly end?: Position | undefined;
  readonly sourceLine?: string | undefined;
};

/** A finding with its place in a file. */
export type Problem = Finding & {
  readonly file: string;
  readonly position: Position;
  /** The end of what is underlined, when known. */
  readonly end?: Position | undefined;
  /** The line of the file, at most 200 characters of it. Never a Secret's value. */
  readonly sourceLine?: string | undefined;
  readonly ref?: ObjectRef | undefined;
  /** The object that is named and not in the tree: it may be live all the same. */
  readonly missing?: ObjectRef | undefined;
};

/** What a tree says. Everything that could be read is here, whatever else was wrong. */
export type ManifestSet = {
  /** Sorted by refKey; one per ref (later duplicates are problems). Objects with an error of their own are left out of it. */
  readonly objects: readonly ManifestObject[];
  /** Objects that were read but hold errors: they are not applied, and not pruned either. */
  readonly rejected: readonly { readonly ref: ObjectRef; readonly path: string }[];
  readonly problems: readonly Problem[];
  /** Files whose text could not be parsed at all: while there is one, nothing is pruned. */
  readonly unparsedFiles: readonly string[];
  readonly filesRead: number;
};

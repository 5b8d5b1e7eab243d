import { isObject, type JsonObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { isLfsPointer } from '../git/lfs-pointer.ts';
import type { FieldPath, Finding } from '../schema/finding.ts';
import type { KubeObject, ObjectRef } from '../schema/object.ts';
import { type CheckedManifest, type CheckOptions, checkManifest } from './check-manifest.ts';
import { decodeText } from './decode-text.ts';
import { documentItems } from './document-items.ts';
import { type Emphasis, FileLocator } from './file-locator.ts';
import { looksLikeManifest, looksLikeTemplate } from './foreign-file.ts';
import type { ManifestRule } from './manifest-rules.ts';
import type { Position, Problem } from './manifest-set.ts';
import type { ParseProblem } from './parse-problem.ts';
import { type ParsedDocument, type ParsedText, parseText, type TextFormat } from './parse-text.ts';

/** A problem in a file whose name is not known here: equal blobs are read once. */
export type FileProblem = Omit<Problem, 'file'>;

/** One object of a file. */
export type ReadObject = {
  readonly ref: ObjectRef | null;
  /** Null: its kind is unknown; `written` may yet be a custom resource. */
  readonly object: KubeObject | null;
  readonly written: JsonObject;
  readonly writtenApiVersion: string;
  /** As ManifestObject.document: items of Lists count on. */
  readonly document: number;
  /** The document of the file's text, empty ones counted. */
  readonly yamlDocument: number;
  readonly position: Position;
  /** Where the object stands in its document: [] but for items of a List. */
  readonly root: FieldPath;
  readonly custom: boolean;
  readonly problems: readonly FileProblem[];
  /** Errors of the document's text touch it: what it says is not certain. */
  readonly unsound: boolean;
};

/** What one blob says. */
export type FileReading = {
  readonly bytes: Uint8Array;
  readonly format: TextFormat;
  readonly objects: readonly ReadObject[];
  /** Of the file, or of documents in it that are no objects. */
  readonly problems: readonly FileProblem[];
  readonly unparsed: boolean;
};

/** Bytes → objects, checked one by one. Pure, and the costly part of reading a tree. */
export function readFile(bytes: Uint8Array, format: TextFormat, options: CheckOptions): FileReading {
  const decoded = decodeText(bytes);
  const locator = new FileLocator(decoded.text, format);
  const nothing = { bytes, format, objects: [], unparsed: true };
  if (decoded.kind === 'problem') {
    const plausible = looksLikeManifest(decoded.text) || decoded.problem.ruleId === 'not-utf8';
    if (plausible) return { ...nothing, problems: [textProblem(decoded.problem, locator)] };
  }
  if (isLfsPointer(bytes)) {
    const message = 'This is a Git LFS pointer; LFS is not followed yet. Commit the file itself.';
    return { ...nothing, problems: [atStart('not-followed', message)] };
  }
  const parsed = parseText(decoded.text, format);
  if (parsed.problems.some((problem) => problem.unparsed)) {
    if (!looksLikeManifest(decoded.text)) {
      const message = 'The file holds no Kubernetes object (and does not parse). It is left out.';
      return { ...nothing, unparsed: false, problems: [atStart('not-a-manifest', message)] };
    }
  }
  const suspect = parsed.problems.find(({ unparsed, ruleId }) => unparsed || ruleId === 'unsupported-key');
  if (suspect !== undefined && looksLikeTemplate(decoded.text, suspect.span.start)) {
    const message =
      'This is a template ({{ … }}); templates are not followed yet. Commit what it renders to.';
    return { ...nothing, problems: [atStart('not-followed', message)] };
  }
  return readDocuments({ bytes, format, parsed, locator, options });
}

type Place = { readonly document: ParsedDocument; readonly number: number; readonly path: FieldPath };
type Around = { readonly parsed: ParsedText; readonly locator: FileLocator; readonly options: CheckOptions };

function readDocuments(
  of: Around & { readonly bytes: Uint8Array; readonly format: TextFormat },
): FileReading {
  const { bytes, format, parsed, locator, options } = of;
  const objects: ReadObject[] = [];
  const problems: FileProblem[] = [];
  const manifests = new Set<number | null>([null]);
  let number = 0;
  for (const document of parsed.documents) {
    for (const item of documentItems(options.schema, document.value)) {
      const place: Place = { document, number, path: item.path };
      number += 1;
      if (isObject(item.value) && isManifest(item.value)) {
        manifests.add(document.index);
        objects.push(readObject(item.value, place, of));
      } else {
        problems.push(notAManifest(place, locator));
      }
    }
  }
  for (const problem of parsed.problems) {
    // What is odd in a document that is no manifest is nobody's concern here.
    if (problem.unparsed || manifests.has(problem.document)) problems.push(textProblem(problem, locator));
  }
  const unparsed = parsed.problems.some((problem) => problem.unparsed);
  return { bytes, format, objects, problems: bounded(problems), unparsed };
}

/** It says, or tries to say, that it is a Kubernetes object. */
function isManifest(value: JsonObject): boolean {
  if (value.apiVersion !== undefined && value.kind !== undefined) return true;
  if (value.apiVersion === undefined && value.kind === undefined) return false;
  // One of the two: a misspelt manifest has more of the usual fields; a Docker Compose or CI file has not.
  return value.apiVersion !== undefined || value.metadata !== undefined || value.spec !== undefined;
}

function notAManifest({ document, path }: Place, locator: FileLocator): FileProblem {
  const message = 'This holds no Kubernetes object: it has no apiVersion and kind. It is left out.';
  const quoted = locator.find(document.index, path);
  return { ruleId: 'not-a-manifest', severity: 'warning', path: [], message, ...quoted };
}

function readObject(written: JsonObject, place: Place, { parsed, locator, options }: Around): ReadObject {
  const checked = checkManifest(written, options);
  const { document, number, path: root } = place;
  const unsound = parsed.problems.some((problem) => problem.document === document.index);
  const position =
    root.length === 0 ? locator.positionAt(document.start) : locator.find(document.index, root).position;
  return {
    ref: checked.ref,
    object: checked.object,
    written,
    writtenApiVersion: checked.writtenApiVersion,
    document: number,
    yamlDocument: document.index,
    position,
    root,
    custom: checked.custom,
    problems: bounded(withoutEchoes(problemsOf(checked, place, locator), parsed, locator)),
    unsound,
  };
}

function problemsOf(checked: CheckedManifest, place: Place, locator: FileLocator): readonly FileProblem[] {
  return checked.findings.map((finding) => {
    const path = [...place.path, ...finding.path];
    const quoted = locator.find(place.document.index, path, emphasisOf(finding));
    const suggestion = asWritten(finding, () => locator.writtenAt(place.document.index, path));
    // How the API words it is the API's.
    const { wording: _wording, ...told } = finding;
    return { ...told, suggestion, ...quoted, ref: checked.ref ?? undefined };
  });
}

/** Where text is wanted, quote what was written: `no` was not meant as "false", nor `0644` as "420". */
function asWritten({ ruleId, suggestion }: Finding, written: () => string | undefined): string | undefined {
  if (ruleId !== 'wrong-type' || suggestion?.startsWith('"') !== true) return suggestion;
  const text = written();
  return text === undefined || /["\\\s]/.test(text) ? suggestion : `"${text}"`;
}

/** What is wrong with the text of a value explains what is wrong with the value. */
function withoutEchoes(
  problems: readonly FileProblem[],
  parsed: ParsedText,
  locator: FileLocator,
): readonly FileProblem[] {
  const told = new Set(parsed.problems.map(({ span }) => placeKey(locator.positionAt(span.start))));
  return told.size === 0 ? problems : problems.filter(({ position }) => !told.has(placeKey(position)));
}

function placeKey({ line, column }: Position): string {
  return `${line}:${column}`;
}

/** Rules that are about a field's name rather than its value. */
const KEY_RULES: ReadonlySet<string> = new Set<ManifestRule>([
  'unknown-field',
  'wrong-scope',
  'lost-in-conversion',
]);

function emphasisOf(finding: Finding): Emphasis {
  return KEY_RULES.has(finding.ruleId) ? 'key' : 'value';
}

function textProblem(problem: ParseProblem, locator: FileLocator): FileProblem {
  const { ruleId, suggestion, related } = problem;
  const first =
    related === undefined ? '' : ` The first is in line ${locator.positionAt(related.start).line}.`;
  const message = `${problem.message}${first}`;
  return { ruleId, severity: 'error', path: [], message, suggestion, ...locator.quote(problem.span) };
}

function atStart(ruleId: ManifestRule, message: string): FileProblem {
  return { ruleId, severity: 'warning', path: [], message, position: { line: 1, column: 1 } };
}

function bounded(problems: readonly FileProblem[]): readonly FileProblem[] {
  const max = limits.manifestFileProblemsMax;
  const last = problems[max];
  if (last === undefined) return problems;
  const message = `Only the first ${max} of ${problems.length} problems are shown.`;
  const severity = problems.slice(max).some((problem) => problem.severity === 'error') ? 'error' : 'warning';
  return [
    ...problems.slice(0, max),
    { ruleId: 'too-many-problems', severity, path: [], message, position: last.position },
  ];
}

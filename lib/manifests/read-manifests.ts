import { limits } from '../base/limits.ts';
import type { FieldPath } from '../schema/finding.ts';
import { refKey, refText } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { type CheckedManifest, type CheckOptions, checkManifest } from './check-manifest.ts';
import { compareProblems } from './compare-problems.ts';
import { schemaOfTree } from './custom-kinds.ts';
import { FileLocator } from './file-locator.ts';
import { type FileReading, type ReadObject, readFile } from './file-reading.ts';
import { chartOf, directoryOf, formatOfPath, isChart, isKustomization } from './foreign-file.ts';
import type { ManifestRule } from './manifest-rules.ts';
import type { ManifestObject, ManifestSet, Problem, Quoted, SourceFile } from './manifest-set.ts';
import type { ParseCache } from './parse-cache.ts';

export type ReadOptions = CheckOptions & { readonly cache?: ParseCache };

type ReadPath = { readonly file: SourceFile; readonly reading: FileReading };

/**
 * Reads a tree: all its `.yaml`, `.yml` and `.json` files, in order of their paths. Whatever is wrong is a problem; the sound
 * part is there all the same. References between objects are another matter: see checkReferences.
 */
export function readManifests(files: readonly SourceFile[], options: ReadOptions): ManifestSet {
  const collector = new Collector(options);
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const readings = collector.readAll(sorted);
  const sound = readings.flatMap(({ reading }) => reading.objects.flatMap(({ object }) => object ?? []));
  const schema = schemaOfTree(options.schema, sound);
  for (const read of readings) collector.take(read, schema);
  options.cache?.trim();
  return collector.result();
}

class Collector {
  readonly #options: ReadOptions;
  readonly #objects = new Map<string, ManifestObject>();
  readonly #rejected: { ref: ManifestObject['ref']; path: string }[] = [];
  readonly #problems: Problem[] = [];
  readonly #unparsed: string[] = [];
  #filesRead = 0;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  readAll(files: readonly SourceFile[]): readonly ReadPath[] {
    const charts = new Set(files.filter(({ path }) => isChart(path)).map(({ path }) => directoryOf(path)));
    const readings: ReadPath[] = [];
    let bytes = 0;
    let objects = 0;
    let left = 0;
    for (const file of files) {
      if (this.#passedOver(file, charts)) continue;
      const reading = left > 0 ? null : this.#read(file);
      bytes += reading?.bytes.byteLength ?? 0;
      objects += reading?.objects.length ?? 0;
      if (left > 0 || bytes > limits.manifestSetBytesMax || objects > limits.manifestSetObjectsMax) {
        left += 1;
        this.#unparsed.push(file.path);
        if (left === 1) this.#tooMuch(file.path);
      } else if (reading === null) this.#unreadable(file);
      else readings.push({ file, reading });
    }
    return readings;
  }

  #tooMuch(path: string): void {
    const { manifestSetBytesMax, manifestSetObjectsMax } = limits;
    const most = `${manifestSetBytesMax / 1024 / 1024} MiB and ${manifestSetObjectsMax} objects`;
    const message = `All manifests together are more than ${most}: this file and those after it were not read.`;
    this.#add(path, 'file-too-large', 'error', message);
  }

  /** Whether a file is none that is read; says so where someone may have expected it to be. */
  #passedOver(file: SourceFile, charts: ReadonlySet<string>): boolean {
    const { path } = file;
    if (file.unread === 'symlink' || file.unread === 'submodule') {
      this.#notFollowed(
        path,
        `This is a ${file.unread}; ${file.unread}s are not followed yet. It is left out.`,
      );
      return true;
    }
    if (isKustomization(path)) {
      this.#notFollowed(
        path,
        'Kustomizations are not followed yet. The manifests beside it are read as they are.',
      );
      return true;
    }
    if (isChart(path)) {
      const directory = directoryOf(path) || '.';
      this.#notFollowed(path, `Helm charts are not followed yet: everything below ${directory} is left out.`);
      return true;
    }
    return chartOf(path, charts) !== undefined || formatOfPath(path) === undefined;
  }

  #read(file: SourceFile): FileReading | null {
    const { cache } = this.#options;
    const known = cache?.get(file, this.#options);
    if (known !== undefined) return known;
    if (file.bytes === null || file.bytes.byteLength > limits.manifestBytesMax) return null;
    const reading = readFile(file.bytes, formatOfPath(file.path) ?? 'yaml', this.#options);
    cache?.set(file, this.#options, reading);
    return reading;
  }

  #unreadable(file: SourceFile): void {
    this.#unparsed.push(file.path);
    const sizeMib = limits.manifestBytesMax / 1024 / 1024;
    const missing = file.unread === 'missing';
    const message = missing
      ? 'The contents of this file are not in the repository. It could not be read.'
      : `This file is larger than ${sizeMib} MiB and was not read. Split it, or move it out of the way.`;
    this.#add(file.path, missing ? 'unreadable-file' : 'file-too-large', 'error', message);
  }

  #notFollowed(path: string, message: string): void {
    this.#add(path, 'not-followed', 'warning', message);
  }

  #add(file: string, ruleId: ManifestRule, severity: Problem['severity'], message: string): void {
    this.#problems.push({ file, ruleId, severity, path: [], message, position: { line: 1, column: 1 } });
  }

  /** `schema`: with the kinds that the tree itself declares. */
  take({ file, reading }: ReadPath, schema: Schema): void {
    this.#filesRead += 1;
    if (reading.unparsed) this.#unparsed.push(file.path);
    for (const problem of reading.problems) this.#problems.push({ ...problem, file: file.path });
    let locator: FileLocator | null = null;
    const quote = (read: ReadObject, path: FieldPath): Quoted => {
      locator ??= locatorOf(reading);
      return locator.find(read.yamlDocument, [...read.root, ...path]);
    };
    for (const read of reading.objects) {
      const custom = this.#asCustomResource(read, schema);
      const problems =
        custom === null
          ? read.problems
          : custom.findings.map(({ wording: _wording, ...finding }) => ({
              ...finding,
              ...quote(read, finding.path),
              path: [...read.root, ...finding.path],
              ref: custom.ref ?? undefined,
            }));
      for (const problem of problems) this.#problems.push({ ...problem, file: file.path });
      const wrong = read.unsound || problems.some(({ severity }) => severity === 'error');
      const ref = custom?.ref ?? read.ref;
      const object = custom?.object ?? read.object;
      if (ref === null) continue;
      if (wrong || object === null) {
        this.#rejected.push({ ref, path: file.path });
        continue;
      }
      const { document, position, writtenApiVersion } = read;
      const place = { path: file.path, document, blob: file.blob, position, writtenApiVersion };
      this.#keep({
        ...{ ref, object, ...place },
        locate: (path) => quote(read, path).position,
        quote: (path) => quote(read, path),
      });
    }
  }

  /** A custom resource, checked by what is known now; null: it is none, or nobody knows its kind. */
  #asCustomResource(read: ReadObject, schema: Schema): CheckedManifest | null {
    const { apiVersion, kind } = read.written;
    if (!read.custom || typeof apiVersion !== 'string' || typeof kind !== 'string') return null;
    if (schema.kindOf(apiVersion, kind)?.custom === undefined) return null;
    return checkManifest(read.written, { ...this.#options, schema });
  }

  #keep(object: ManifestObject & Required<Pick<ManifestObject, 'quote'>>): void {
    const key = refKey(object.ref);
    const first = this.#objects.get(key);
    if (first === undefined) {
      this.#objects.set(key, object);
      return;
    }
    this.#problems.push({
      file: object.path,
      ruleId: 'duplicate-object',
      severity: 'error',
      path: [],
      message: `${refText(object.ref)} is written in ${first.path}:${first.position.line} already. Only the first counts.`,
      ...object.quote(['metadata', 'name']),
      ref: object.ref,
    });
  }

  result(): ManifestSet {
    const keyed = [...this.#objects].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return {
      objects: keyed.map(([, object]) => object),
      rejected: this.#rejected,
      problems: this.#problems.sort(compareProblems),
      unparsedFiles: this.#unparsed.sort(),
      filesRead: this.#filesRead,
    };
  }
}

function locatorOf(reading: FileReading): FileLocator {
  return new FileLocator(new TextDecoder().decode(reading.bytes), reading.format);
}

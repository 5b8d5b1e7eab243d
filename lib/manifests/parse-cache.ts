import { limits } from '../base/limits.ts';
import type { CheckOptions } from './check-manifest.ts';
import type { FileReading } from './file-reading.ts';
import { formatOfPath } from './foreign-file.ts';

/**
 * What blobs said when they were last read. Bounded: the least recently used readings go at the end of a pass. One cache serves any options;
 * readings made under others are not found.
 */
export class ParseCache {
  readonly #readings = new Map<string, FileReading>();
  readonly #schemaNumbers = new WeakMap<object, number>();
  readonly #filesMax: number;
  #schemas = 0;

  constructor(filesMax: number = limits.parseCacheFilesMax) {
    this.#filesMax = filesMax;
  }

  /** Whether a file need not be read again: `bytes: null` will do for it. */
  holds(file: { readonly path: string; readonly blob: string }, options: CheckOptions): boolean {
    return this.#readings.has(this.#keyOf(file, options));
  }

  get(
    file: { readonly path: string; readonly blob: string },
    options: CheckOptions,
  ): FileReading | undefined {
    const key = this.#keyOf(file, options);
    const reading = this.#readings.get(key);
    if (reading === undefined) return undefined;
    this.#readings.delete(key);
    this.#readings.set(key, reading);
    return reading;
  }

  set(
    file: { readonly path: string; readonly blob: string },
    options: CheckOptions,
    reading: FileReading,
  ): void {
    this.#readings.set(this.#keyOf(file, options), reading);
  }

  /**
   * Lets the oldest readings go that are too many. Not part of `set`: while a tree is read nothing may go that `holds` has
   * promised.
   */
  trim(): void {
    for (const oldest of this.#readings.keys()) {
      if (this.#readings.size <= this.#filesMax) return;
      this.#readings.delete(oldest);
    }
  }

  #keyOf(file: { readonly path: string; readonly blob: string }, options: CheckOptions): string {
    const { schema, defaultNamespace, allowHostAccess } = options;
    let schemaNumber = this.#schemaNumbers.get(schema);
    if (schemaNumber === undefined) {
      schemaNumber = this.#schemas;
      this.#schemas += 1;
      this.#schemaNumbers.set(schema, schemaNumber);
    }
    return [file.blob, formatOfPath(file.path), schemaNumber, allowHostAccess, defaultNamespace].join(' ');
  }
}

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  type GroupVersion,
  resourcesOf,
  servedGroupVersions,
} from '../../schema/discovery/served-resources.ts';
import { apiVersionOf } from '../../schema/object.ts';
import type { Descriptions } from '../../schema/openapi/descriptions.ts';
import { openapiGroup } from '../../schema/openapi/openapi.ts';
import { readDescriptions } from '../../schema/openapi/read-descriptions.ts';
import type { Kind, Schema } from '../../schema/schema.ts';

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** A written document, compressed: the core group's takes 90 KiB so, and 520 KiB as text. */
export type OpenapiDocument = { readonly gzipped: Buffer; readonly hash: string };

type Known = { readonly kinds: readonly Kind[]; readonly document: Promise<OpenapiDocument> };

/**
 * The documents of one schema, each made when it is first asked for and kept while the kinds of its group version are the same values:
 * a definition that changes brings others. There are as many as are served, never more.
 */
export class OpenapiDocuments {
  readonly #schema: Schema;
  readonly #known = new Map<string, Known>();
  /** Some megabytes once they are read: shared by documents made together, and let go after. */
  #descriptions: WeakRef<Descriptions> | null = null;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /** By apiVersion, in the order they are served. All are made for it: a hash is of what is served, so that none is ever stale. */
  async hashes(): Promise<ReadonlyMap<string, string>> {
    const served = servedGroupVersions(this.#schema);
    const names = new Set(served.map(nameOf));
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
    const hashes = new Map<string, string>();
    for (const of of served) {
      const document = await this.document(of);
      if (document !== null) hashes.set(nameOf(of), document.hash);
    }
    return hashes;
  }

  /** null: it is not served. */
  async document(of: GroupVersion): Promise<OpenapiDocument | null> {
    const kinds = kindsOf(this.#schema, of);
    if (kinds === null) return null;
    const known = this.#known.get(nameOf(of));
    if (known !== undefined && sameKinds(known.kinds, kinds)) return known.document;
    const document = this.#write(of);
    this.#known.set(nameOf(of), { kinds, document });
    return document;
  }

  async #write(of: GroupVersion): Promise<OpenapiDocument> {
    const descriptions = this.#descriptions?.deref() ?? readDescriptions();
    this.#descriptions = new WeakRef(descriptions);
    const made = openapiGroup(this.#schema, of, { descriptions });
    const text = JSON.stringify(made);
    const hash = createHash('sha512').update(text).digest('hex').slice(0, 128).toUpperCase();
    return { gzipped: await compress(text), hash };
  }
}

export function textOf(document: OpenapiDocument): Promise<Buffer> {
  return expand(document.gzipped);
}

function nameOf({ group, version }: GroupVersion): string {
  return apiVersionOf(group, version);
}

/** The kinds behind a group version; null when it is not served. What is measured has none. */
function kindsOf(schema: Schema, of: GroupVersion): readonly Kind[] | null {
  const resources = resourcesOf(schema, of);
  if (resources.length === 0) return null;
  return resources.flatMap(({ group, plural }) => schema.kindByPlural(group, plural) ?? []);
}

function sameKinds(a: readonly Kind[], b: readonly Kind[]): boolean {
  return a.length === b.length && a.every((kind, at) => kind === b[at]);
}

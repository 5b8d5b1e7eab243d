import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { isObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { type Descriptions, noDescriptions } from './descriptions.ts';

/** Where the file is: in the source beside the facts, in a build beside the modules. */
const places = ['../descriptions.json.gz', './descriptions.json.gz'].map(
  (at) => new URL(at, import.meta.url),
);

/** The descriptions that `npm run generate` wrote; none where it did not run, or left what cannot be read. Costs some 10 ms. */
export function readDescriptions(candidates: readonly URL[] = places): Descriptions {
  const file = candidates.find((at) => existsSync(at));
  if (file === undefined) return noDescriptions;
  try {
    const text = gunzipSync(readFileSync(file), { maxOutputLength: limits.descriptionsBytesMax }).toString(
      'utf8',
    );
    const read = JSON.parse(text) as JsonValue;
    if (!isObject(read)) return noDescriptions;
    return { types: textsOf(read.types), fields: textsOf(read.fields) };
  } catch {
    // Somebody's half-written file: explaining without words is better than not at all.
    return noDescriptions;
  }
}

function textsOf(value: JsonValue | undefined): Readonly<Record<string, string>> {
  const texts: Record<string, string> = Object.create(null);
  if (isObject(value))
    for (const [name, text] of Object.entries(value)) if (typeof text === 'string') texts[name] = text;
  return texts;
}

/**
 * Writes descriptions.json.gz from the models of @kubernetes/client-node: `npm run generate`. The file is not committed: the texts
 * are Kubernetes' own; without it, `kubectl explain` shows fields and types only.
 */
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import facts from './facts.json' with { type: 'json' };
import type { Descriptions } from './openapi/descriptions.ts';

/** What one declaration file says: of the class, and of each member by its name without signs and capitals. */
export type ModelTexts = { readonly type: string; readonly fields: ReadonlyMap<string, string> };

const COMMENT = String.raw`\/\*\*\s*\n((?:\s*\*(?!\/)[^\n]*\n)+)\s*\*\/\s*\n`;
const CLASS = new RegExp(`${COMMENT}export declare class `);
const MEMBER = new RegExp(String.raw`${COMMENT}\s*'([^']+)'\??:`, 'g');

export function readModel(declaration: string): ModelTexts {
  const type = plainText(CLASS.exec(declaration)?.[1] ?? '');
  const fields = [...declaration.matchAll(MEMBER)].map(([, comment = '', name = '']): [string, string] => [
    bareName(name),
    plainText(comment),
  ]);
  return { type, fields: new Map(fields) };
}

/** `_continue`, `x_kubernetes_map_type` and `x-kubernetes-map-type`, `$ref` and `$ref`: members are renamed where TypeScript must. */
function bareName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function plainText(comment: string): string {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*\s?/, ''))
    .join('\n')
    .replace(/\\(['"`])/g, '$1')
    .trim();
}

/** `io.k8s.api.core.v1.Event` → V1Event, CoreV1Event: a name that two groups share has its group in it. */
export function modelNames(typeName: string): readonly string[] {
  const [kind = '', version = '', group = ''] = typeName.split('.').reverse();
  const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
  return [`${capital(group)}${capital(version)}${kind}`, `${capital(version)}${kind}`, kind];
}

type FieldFact = { readonly type: string };

/**
 * The texts of every type of the facts that there is a model of. The models say nothing of members that are other models: what is
 * said of that type stands there instead.
 */
export function describe(models: ReadonlyMap<string, ModelTexts>): Descriptions {
  const modelOf = (typeName: string): ModelTexts | undefined =>
    modelNames(typeName)
      .map((name) => models.get(name))
      .find((found) => found !== undefined);
  const types: Record<string, string> = {};
  const fields: Record<string, string> = {};
  for (const [typeName, type] of Object.entries(facts.types)) {
    const model = modelOf(typeName);
    if (model === undefined) continue;
    if (model.type !== '') types[typeName] = model.type;
    const known: Readonly<Record<string, FieldFact>> = 'fields' in type ? type.fields : {};
    for (const [name, field] of Object.entries(known)) {
      const text = model.fields.get(bareName(name)) || (modelOf(field.type)?.type ?? '');
      if (text !== '') fields[`${typeName}#${name}`] = text;
    }
  }
  return { types, fields };
}

function readModels(): ReadonlyMap<string, ModelTexts> {
  const entry = createRequire(import.meta.url).resolve('@kubernetes/client-node');
  const directory = join(dirname(entry), 'gen', 'models');
  const files = readdirSync(directory).filter((file) => file.endsWith('.d.ts'));
  return new Map(
    files.map((file) => [
      file.slice(0, -'.d.ts'.length),
      readModel(readFileSync(join(directory, file), 'utf8')),
    ]),
  );
}

export function generateDescriptions(): void {
  const text = JSON.stringify(describe(readModels()));
  const path = fileURLToPath(new URL('./descriptions.json.gz', import.meta.url));
  // Two may do this at once, and a third read it: half a file is never there.
  const made = `${path}.${process.pid}`;
  writeFileSync(made, gzipSync(text, { level: 9 }));
  renameSync(made, path);
}

if (import.meta.main) generateDescriptions();

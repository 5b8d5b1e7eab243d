import type { JsonObject } from '../base/json.ts';
import { ruleIndex } from './check-rules.ts';
import { convertToStored } from './conversion.ts';
import {
  customFindings,
  unknownFieldFindings,
  withCustomDefaults,
  withoutUnknown,
} from './custom/custom-object.ts';
import type { Finding } from './finding.ts';
import { identify } from './identify.ts';
import { inspectObject } from './inspect-object.ts';
import type { KubeObject } from './object.ts';
import type { Schema } from './schema.ts';

/**
 * Everything there is to say of one object as it was written: what it is, its shape, its rules, in one pass.
 * `object`: in the stored version, null when it is not known what it is. It may be used when no finding is an error. An object that
 * says wrongly what it is, is still checked as what it probably is, so that one look shows all.
 */
export function checkObject(
  schema: Schema,
  written: JsonObject,
): { readonly object: KubeObject | null; readonly findings: readonly Finding[] } {
  const converted = convertToStored(schema, written);
  if (converted.object !== undefined) {
    const { object } = converted;
    const custom = customProblems(schema, written);
    return { object, findings: [...converted.findings, ...inspectWhole(schema, object), ...custom] };
  }
  const identity = identify(schema, written);
  const guess = identity.kind === undefined ? identity.guess : undefined;
  if (guess === undefined) return { object: null, findings: converted.findings };
  // The misspelt head has been told; without it the guess would be one field too many.
  const told = new Set(converted.findings.map(({ path }) => path[0]));
  const rest = Object.fromEntries(Object.entries(written).filter(([name]) => !told.has(name)));
  const guessed = convertToStored(schema, { ...rest, ...guess });
  if (guessed.object === undefined) return { object: null, findings: converted.findings };
  return {
    object: null,
    findings: [...converted.findings, ...guessed.findings, ...inspectWhole(schema, guessed.object)],
  };
}

function inspectWhole(schema: Schema, object: KubeObject): readonly Finding[] {
  const kind = schema.kindOf(object.apiVersion, object.kind);
  return kind === undefined ? [] : inspectObject({ schema, kind, object, shape: true, rules: ruleIndex });
}

/** A custom resource is judged by the version it is written in. */
function customProblems(schema: Schema, written: JsonObject): readonly Finding[] {
  const { apiVersion, kind: kindName } = written;
  if (typeof apiVersion !== 'string' || typeof kindName !== 'string') return [];
  const kind = schema.kindOf(apiVersion, kindName);
  if (kind?.custom === undefined) return [];
  const object = written as KubeObject;
  const unknown = unknownFieldFindings(kind, object);
  const completed = withCustomDefaults(kind, withoutUnknown(kind, object).object);
  return [...unknown, ...customFindings(kind, completed)];
}

import type { JsonObject } from '../base/json.ts';
import { describeValue } from './describe-value.ts';
import type { Finding } from './finding.ts';
import { nearestName } from './nearest-name.ts';
import { apiVersionOf } from './object.ts';
import type { RuleId } from './rules.ts';
import type { Kind, Schema } from './schema.ts';

/** What an object says it is. `guess`: what it probably is, when what it says is wrong. */
export type Identity =
  | { readonly kind: Kind; readonly apiVersion: string }
  | {
      readonly kind?: undefined;
      readonly findings: readonly Finding[];
      readonly guess: { readonly apiVersion: string; readonly kind: string } | undefined;
    };

/** Kinds that Kubernetes no longer has in any version, and what took their place. */
const REMOVED_KINDS: ReadonlyMap<string, string> = new Map([
  ['PodSecurityPolicy', 'pod security standards took its place'],
  ['PodPreset', 'nothing took its place; write its settings into the pod templates'],
  ['ThirdPartyResource', 'CustomResourceDefinition took its place'],
]);

function error(ruleId: RuleId, field: string, message: string, suggestion?: string | undefined): Finding {
  return {
    ruleId,
    severity: 'error',
    path: [field],
    message,
    ...(suggestion !== undefined && { suggestion }),
  };
}

/** Reads apiVersion and kind. Says of each what is wrong with it and what was probably meant. */
export function identify(schema: Schema, object: JsonObject): Identity {
  const apiVersion = readName(object, 'apiVersion');
  const kindName = readName(object, 'kind');
  const findings = [...apiVersion.findings, ...kindName.findings];
  if (apiVersion.text === undefined || kindName.text === undefined) {
    return { findings, guess: undefined };
  }
  const kind = schema.kindOf(apiVersion.text, kindName.text);
  if (kind !== undefined && findings.length === 0) return { kind, apiVersion: apiVersion.text };
  if (kind !== undefined) return { findings, guess: { apiVersion: apiVersion.text, kind: kindName.text } };
  const unknown = explainUnknown(schema, apiVersion.text, kindName.text);
  return { findings: [...findings, unknown.finding], guess: unknown.guess };
}

/** A text field of the object's head; from its misspelt neighbour when it is not there itself. */
function readName(
  object: JsonObject,
  field: 'apiVersion' | 'kind',
): { readonly text: string | undefined; readonly findings: readonly Finding[] } {
  const value = Object.hasOwn(object, field) ? object[field] : undefined;
  if (typeof value === 'string' && value !== '') return { text: value, findings: [] };
  if (value !== undefined && value !== null && value !== '') {
    const message = `${field} must be a text; it is ${describeValue(value, false)}.`;
    return { text: undefined, findings: [error('wrong-type', field, message)] };
  }
  for (const name of Object.keys(object)) {
    if (['apiVersion', 'kind', 'metadata', 'spec'].includes(name)) continue;
    if (nearestName(name, [field]) === undefined) continue;
    const meant = object[name];
    const message = `${name} is not a field of any kind; did you mean ${field}?`;
    return {
      text: typeof meant === 'string' ? meant : undefined,
      findings: [error('unknown-field', name, message, field)],
    };
  }
  return { text: undefined, findings: [error('missing-field', field, `${field} is required.`)] };
}

function explainUnknown(
  schema: Schema,
  apiVersion: string,
  kindName: string,
): { readonly finding: Finding; readonly guess: { apiVersion: string; kind: string } | undefined } {
  const elsewhere = schema.kinds.filter((kind) => kind.kind === kindName && !kind.internal);
  if (elsewhere.length > 0) {
    const written = elsewhere.map((kind) => apiVersionOf(kind.group, kind.version));
    const meant = nearestName(apiVersion, written) ?? written[0] ?? '';
    const message = `${kindName} is not in ${apiVersion.slice(0, 80)}; write apiVersion: ${meant}.`;
    return {
      finding: error('unknown-api-version', 'apiVersion', message, meant),
      guess: { apiVersion: meant, kind: kindName },
    };
  }
  const removed = REMOVED_KINDS.get(kindName);
  if (removed !== undefined) {
    const message = `${kindName} was removed from Kubernetes: ${removed}.`;
    return { finding: error('unknown-kind', 'kind', message), guess: undefined };
  }
  const here = schema.kinds.filter((kind) => schema.kindOf(apiVersion, kind.kind) === kind);
  const meant =
    nearestName(
      kindName,
      here.map((kind) => kind.kind),
    ) ??
    nearestName(
      kindName,
      schema.kinds.filter((kind) => !kind.internal).map((kind) => kind.kind),
    );
  if (meant === undefined) {
    const message = `There is no kind ${kindName.slice(0, 80)} in ${apiVersion.slice(0, 80)}.`;
    return { finding: error('unknown-kind', 'kind', message), guess: undefined };
  }
  const row = here.find((kind) => kind.kind === meant);
  const other = schema.kinds.find((kind) => kind.kind === meant);
  const version = row === undefined ? apiVersionOf(other?.group ?? '', other?.version ?? '') : apiVersion;
  const written = row === undefined ? `${meant}, apiVersion ${version}` : meant;
  const message = `There is no kind ${kindName.slice(0, 80)} in ${apiVersion.slice(0, 80)}; did you mean ${written}?`;
  return {
    finding: error('unknown-kind', 'kind', message, meant),
    guess: { apiVersion: version, kind: meant },
  };
}

import type { JsonObject } from '../base/json.ts';
import { isObject } from '../base/json.ts';
import { autoscalingConversions } from './conversions/autoscaling-conversions.ts';
import { clusterConversions } from './conversions/cluster-conversions.ts';
import { type Conversion, ConversionNotes } from './conversions/conversion-step.ts';
import { networkConversions } from './conversions/network-conversions.ts';
import { workloadConversions } from './conversions/workload-conversions.ts';
import { asStored, withCustomDefaults } from './custom/custom-object.ts';
import { describeValue } from './describe-value.ts';
import { draftOf } from './draft.ts';
import { type Finding, fieldPathText } from './finding.ts';
import { identify } from './identify.ts';
import { apiVersionOf, type KubeObject } from './object.ts';
import type { RuleId } from './rules.ts';
import type { Kind, Schema } from './schema.ts';

export type Converted =
  | { readonly object: KubeObject; readonly findings: readonly Finding[] }
  | { readonly object?: undefined; readonly findings: readonly Finding[] };

const conversions: ReadonlyMap<string, Conversion> = new Map(
  Object.entries({
    ...workloadConversions,
    ...autoscalingConversions,
    ...networkConversions,
    ...clusterConversions,
  }),
);

/** The versions of a kind that Kubernetes still serves, the stored one first: what discovery should list. */
export function servedVersions(kind: Kind): readonly string[] {
  if (kind.custom !== undefined) return kind.custom.served;
  return kind.versions.filter(
    (version) =>
      conversions.get(`${apiVersionOf(kind.group, version)}/${kind.kind}`)?.removedIn === undefined,
  );
}

/**
 * The object in the stored version of its kind. An object of an old version gets the defaults that version had where they differ,
 * and a warning that says what to write; one of a version still served gets none. An object whose kind or apiVersion is not known
 * gives only findings. Nothing else of its shape is checked, and `metadata` is `{}` when it was absent or no object.
 */
export function convertToStored(schema: Schema, written: JsonObject): Converted {
  const identity = identify(schema, written);
  if (identity.kind === undefined) return { findings: identity.findings };
  const { kind, apiVersion } = identity;
  const { object, findings } = withMetadata(written);
  const stored = apiVersionOf(kind.group, kind.version);
  if (apiVersion === stored) return { object, findings };
  // Of a custom resource its version completes what it has before the stored one takes over.
  if (kind.custom !== undefined)
    return { object: asStored(kind, withCustomDefaults(kind, object)), findings };
  const conversion = conversions.get(`${apiVersion}/${kind.kind}`);
  const notes = new ConversionNotes();
  const draft = { ...draftOf<JsonObject>(object), apiVersion: stored };
  conversion?.convert?.(draft, notes);
  const converted = draft as KubeObject;
  if (conversion?.removedIn === undefined) return { object: converted, findings };
  const warnings = [deprecation({ apiVersion, stored, kind, conversion, notes }), ...lost(notes, apiVersion)];
  return { object: converted, findings: [...findings, ...warnings] };
}

function withMetadata(written: JsonObject): { object: KubeObject; findings: readonly Finding[] } {
  const { metadata } = written;
  if (isObject(metadata)) return { object: written as KubeObject, findings: [] };
  const object = { ...written, metadata: {} } as KubeObject;
  if (metadata === undefined || metadata === null) return { object, findings: [] };
  const ruleId: RuleId = 'wrong-type';
  const message = `metadata must hold fields (name, labels…); it is ${describeValue(metadata, false)}.`;
  return { object, findings: [{ ruleId, severity: 'error', path: ['metadata'], message }] };
}

function deprecation(of: {
  readonly apiVersion: string;
  readonly stored: string;
  readonly kind: Kind;
  readonly conversion: Conversion;
  readonly notes: ConversionNotes;
}): Finding {
  const { apiVersion, stored, kind, conversion, notes } = of;
  const also = notes.toWrite.length === 0 ? '' : `, and ${notes.toWrite.join(', ')}`;
  const ruleId: RuleId = 'deprecated-api-version';
  return {
    ruleId,
    severity: 'warning',
    path: ['apiVersion'],
    message: `${apiVersion} ${kind.kind} was removed in Kubernetes ${conversion.removedIn}; write apiVersion: ${stored}${also}.`,
    suggestion: stored,
  };
}

function lost(notes: ConversionNotes, apiVersion: string): readonly Finding[] {
  const ruleId: RuleId = 'lost-in-conversion';
  return notes.lost.map((path) => ({
    ruleId,
    severity: 'warning',
    path,
    message: `${fieldPathText(path)} of ${apiVersion} has no counterpart today and is left out.`,
  }));
}

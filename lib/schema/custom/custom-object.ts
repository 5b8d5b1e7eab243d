import type { JsonObject } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { type FieldPath, type Finding, fieldPathText } from '../finding.ts';
import { apiVersionOf, type KubeObject, versionOf } from '../object.ts';
import type { RuleId } from '../rules.ts';
import type { Kind } from '../schema.ts';
import { structuralFinding } from '../structural-finding.ts';
import { valueProblems } from './check-value.ts';
import type { CustomVersion } from './custom-kind.ts';
import { withStructuralDefaults } from './fill-defaults.ts';
import { pruned } from './prune.ts';
import { nodeAt, type SchemaNode } from './structural-schema.ts';

/** The version that a custom resource is written in; undefined when its kind is no custom one, or has no such version. */
export function customVersionOf(kind: Kind, apiVersion: string): CustomVersion | undefined {
  return kind.custom?.versions.get(versionOf(apiVersion));
}

/** Without the fields its version does not have, and where they stood. */
export function withoutUnknown(
  kind: Kind,
  object: KubeObject,
): { readonly object: KubeObject; readonly unknown: readonly FieldPath[] } {
  const version = customVersionOf(kind, object.apiVersion);
  if (version === undefined) return { object, unknown: [] };
  const { value, unknown } = pruned(version.schema, object);
  return { object: value as KubeObject, unknown };
}

/** With the defaults of its version. */
export function withCustomDefaults(kind: Kind, object: KubeObject): KubeObject {
  const version = customVersionOf(kind, object.apiVersion);
  return version === undefined ? object : (withStructuralDefaults(version.schema, object) as KubeObject);
}

/** As the stored version keeps it: conversion changes the apiVersion, and what that version has not is lost. */
export function asStored(kind: Kind, object: KubeObject): KubeObject {
  const stored = { ...object, apiVersion: apiVersionOf(kind.group, kind.version) };
  return withCustomDefaults(kind, withoutUnknown(kind, stored).object);
}

/**
 * What the schema of its version refuses of a custom resource. The status counts where it is written; elsewhere a kind that has it as
 * a subresource ignores it.
 */
export function customFindings(
  kind: Kind,
  object: KubeObject,
  options: { readonly status?: boolean } = {},
): readonly Finding[] {
  const version = customVersionOf(kind, object.apiVersion);
  if (version === undefined) return [];
  const { status: _status, ...rest } = object;
  const counted = version.status && options.status !== true ? rest : object;
  const problems = valueProblems(withoutHead(version.schema), counted);
  return problems
    .slice(0, limits.customFindingsMax)
    .map(({ path, wording }) => structuralFinding(path, wording));
}

/** Fields that the version does not have, as manifests tell of them. */
export function unknownFieldFindings(kind: Kind, object: KubeObject): readonly Finding[] {
  const ruleId: RuleId = 'unknown-field';
  return withoutUnknown(kind, object)
    .unknown.slice(0, limits.customFindingsMax)
    .map((path) => ({
      ruleId,
      severity: 'error',
      path,
      message: `${fieldPathText(path)} is no field of ${kind.kind}.`,
    }));
}

/** A root that says that apiVersion, kind or metadata are required says what is checked elsewhere. */
function withoutHead(root: SchemaNode): SchemaNode {
  const properties = nodeAt(root, 'properties');
  if (properties === undefined) return root;
  const { apiVersion: _apiVersion, kind: _kind, ...others } = properties as JsonObject;
  return { ...root, properties: others };
}

import type { EpochMs } from '../../base/clock.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { KubeObject } from '../object.ts';
import { groupOf } from '../object.ts';
import { accessColumns } from './access-columns.ts';
import { autoscalingColumns } from './autoscaling-columns.ts';
import { batchColumns } from './batch-columns.ts';
import { clusterColumns } from './cluster-columns.ts';
import { AGE, type Column, type ColumnsByKind, NAME } from './column.ts';
import { coreColumns } from './core-columns.ts';
import { customColumns } from './custom-columns.ts';
import { networkColumns } from './network-columns.ts';
import { storageColumns } from './storage-columns.ts';
import { workloadColumns } from './workload-columns.ts';

const builtin: ColumnsByKind = {
  ...workloadColumns,
  ...batchColumns,
  ...autoscalingColumns,
  ...coreColumns,
  ...networkColumns,
  ...storageColumns,
  ...accessColumns,
  ...clusterColumns,
};

export const includeObjectPolicies = ['None', 'Metadata', 'Object'] as const;
/** How much of each object a row carries beside its cells. */
export type IncludeObject = (typeof includeObjectPolicies)[number];

/** What a table is of: the version that was asked for, and the kind. */
export type TableOf = { readonly apiVersion: string; readonly kind: string };

/**
 * The columns of a kind, as Kubernetes prints it. `customVersion`: the row of its CustomResourceDefinition, for those that it asks for.
 * Kinds that nothing is known of have their name and age.
 */
export function columnsOf(of: TableOf, customVersion?: JsonObject): readonly Column[] {
  const group = groupOf(of.apiVersion);
  const key = `${group}/${of.kind}`;
  const known = Object.hasOwn(builtin, key) ? builtin[key] : undefined;
  if (known !== undefined) return known;
  return customVersion === undefined ? [NAME, AGE] : customColumns(customVersion);
}

export type TableOptions = {
  readonly now: EpochMs;
  /** Unset: Metadata. */
  readonly includeObject?: IncludeObject;
  readonly customVersion?: JsonObject | undefined;
  /** `metadata` of the list: resourceVersion, continue, remainingItemCount. */
  readonly listMetadata?: JsonObject;
  /** Unset: v1. Clients before 1.16 ask for v1beta1. */
  readonly tableVersion?: 'v1' | 'v1beta1';
  /** A watch needs them in its first event only. */
  readonly withoutColumns?: boolean;
};

/** The Table of objects of one kind: what `kubectl get` prints. */
export function tableOf(of: TableOf, objects: readonly KubeObject[], options: TableOptions): JsonObject {
  const columns = columnsOf(of, options.customVersion);
  const apiVersion = `meta.k8s.io/${options.tableVersion ?? 'v1'}`;
  return {
    kind: 'Table',
    apiVersion,
    metadata: options.listMetadata ?? {},
    columnDefinitions: options.withoutColumns === true ? [] : columns.map(columnDefinition),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, options.now)),
      object: rowObject(object, { include: options.includeObject ?? 'Metadata', apiVersion, of }),
    })),
  };
}

function columnDefinition({ name, type, format, priority, description }: Column): JsonObject {
  return { name, type, format: format ?? '', description: description ?? '', priority };
}

function rowObject(
  object: KubeObject,
  row: { readonly include: IncludeObject; readonly apiVersion: string; readonly of: TableOf },
): JsonValue {
  switch (row.include) {
    case 'None':
      return null;
    case 'Metadata':
      return { kind: 'PartialObjectMetadata', apiVersion: row.apiVersion, metadata: object.metadata };
    case 'Object':
      return { ...object, apiVersion: row.of.apiVersion, kind: row.of.kind };
  }
}

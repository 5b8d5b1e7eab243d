import type { LabelSelector, ReplicaSet, ReplicationController } from '../../schema/types.gen.ts';

/** Selects nothing: an empty LabelSelector would select everything. */
const NOTHING: LabelSelector = {
  matchExpressions: [
    { key: 'app', operator: 'Exists' },
    { key: 'app', operator: 'DoesNotExist' },
  ],
};

/**
 * The older kind as the newer sees it: the same but for the selector, a plain map of which an empty one selects nothing. What
 * names the object stays its own.
 */
export function asReplicaSet({
  apiVersion,
  kind,
  metadata,
  spec,
  status,
}: ReplicationController): ReplicaSet {
  const { selector: labels = {}, ...rest } = spec;
  const selector = Object.keys(labels).length > 0 ? { matchLabels: labels } : NOTHING;
  return { apiVersion, kind, metadata, spec: { ...rest, selector }, ...(status !== undefined && { status }) };
}

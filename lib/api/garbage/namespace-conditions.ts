import type { EpochMs } from '../../base/clock.ts';
import { setCondition } from '../../schema/conditions.ts';
import type { NamespaceCondition } from '../../schema/types.gen.ts';

/** What a namespace on its way out still holds. */
export type Remaining = {
  /** `pods.`, `deployments.apps` → how many. */
  readonly instances: ReadonlyMap<string, number>;
  /** Finalizer → objects that it holds. */
  readonly finalizers: ReadonlyMap<string, number>;
};

type Said = {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
};

/** The conditions of a namespace that is being deleted, for whoever asks why it stays. Source: namespace controller, deletion conditions. */
export function deletionConditions(
  before: readonly NamespaceCondition[] | undefined,
  { instances, finalizers }: Remaining,
  now: EpochMs,
): readonly NamespaceCondition[] | undefined {
  const listed = (counts: ReadonlyMap<string, number>, word: string): string =>
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `${name} ${word} ${count} resource instances`)
      .join(', ');
  const said: readonly Said[] = [
    {
      ...{ type: 'NamespaceDeletionDiscoveryFailure', status: 'False', reason: 'ResourcesDiscovered' },
      message: 'All resources successfully discovered',
    },
    {
      ...{
        type: 'NamespaceDeletionGroupVersionParsingFailure',
        status: 'False',
        reason: 'ParsedGroupVersions',
      },
      message: 'All legacy kube types successfully parsed',
    },
    {
      ...{ type: 'NamespaceDeletionContentFailure', status: 'False', reason: 'ContentDeleted' },
      message: 'All content successfully deleted, may be waiting on finalization',
    },
    instances.size === 0
      ? {
          ...{ type: 'NamespaceContentRemaining', status: 'False', reason: 'ContentRemoved' },
          message: 'All content successfully removed',
        }
      : {
          ...{ type: 'NamespaceContentRemaining', status: 'True', reason: 'SomeResourcesRemain' },
          message: `Some resources are remaining: ${listed(instances, 'has')}`,
        },
    finalizers.size === 0
      ? {
          ...{ type: 'NamespaceFinalizersRemaining', status: 'False', reason: 'ContentHasNoFinalizers' },
          message: 'All content-preserving finalizers finished',
        }
      : {
          ...{ type: 'NamespaceFinalizersRemaining', status: 'True', reason: 'SomeFinalizersRemain' },
          message: `Some content in the namespace has finalizers remaining: ${listed(finalizers, 'in')}`,
        },
  ];
  return said.reduce<readonly NamespaceCondition[] | undefined>(
    (conditions, each) =>
      setCondition<NamespaceCondition>(conditions, { ...each, lastTransitionTime: '' }, now),
    before,
  );
}

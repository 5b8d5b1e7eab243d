import type { Operation } from '../../api/client.ts';
import { assertNever } from '../../base/errors.ts';
import { type KubeObject, refOf } from '../../schema/object.ts';
import { ownerReferenceTo } from '../../schema/owner.ts';
import type { ControllerRevision } from '../../schema/types.gen.ts';
import { adoption, release } from '../harness/claim.ts';

export const revisionActionNames = [
  'adopt-revision',
  'release-revision',
  'create-revision',
  'delete-revision',
  'number-revision',
] as const;

/** `number-revision`: an old one is the newest again, under the number that `revision` says. */
export type RevisionAction = {
  readonly do: (typeof revisionActionNames)[number];
  readonly revision: ControllerRevision;
};

export function isRevisionAction(action: { readonly do: string }): action is RevisionAction {
  return revisionActionNames.some((name) => name === action.do);
}

export function revisionOperation({ do: what, revision }: RevisionAction, owner: KubeObject): Operation {
  switch (what) {
    case 'adopt-revision':
      return adoption(revision, ownerReferenceTo(owner));
    case 'release-revision':
      return release(revision, owner.metadata.uid ?? '');
    case 'create-revision':
      return { op: 'create', object: revision };
    case 'number-revision':
      // With the resourceVersion that was decided on.
      return { op: 'update', object: revision };
    case 'delete-revision': {
      const { uid = '' } = revision.metadata;
      return { op: 'delete', ref: refOf(revision), options: { preconditions: { uid } } };
    }
    default:
      return assertNever(what);
  }
}

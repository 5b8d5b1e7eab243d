import type { ObjectRef } from '../schema/object.ts';
import type { Blocked, PlannedChange } from './plan.ts';

/** How one attempt to make a plan true ended. Declared here so that apply, status and daemon speak of the same thing. */
export type ApplyReport = {
  readonly revision: string | null;
  readonly outcome:
    | 'applied'
    /** Nothing to do. */
    | 'unchanged'
    /** Live moved under the plan: plan again from what is live now. */
    | 'conflict'
    /** The API refused these objects; plan again without them. */
    | 'refused';
  readonly done: readonly { readonly ref: ObjectRef; readonly action: PlannedChange['action'] }[];
  readonly refused: readonly Blocked[];
};

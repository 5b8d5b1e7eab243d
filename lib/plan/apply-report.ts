import type { ObjectRef } from '../schema/object.ts';
import type { Blocked, Plan, PlannedChange } from './plan.ts';

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
    | 'refused'
    /** Without transactions: the world failed in between; `interruptedBy` says how. */
    | 'interrupted';
  readonly done: readonly { readonly ref: ObjectRef; readonly action: PlannedChange['action'] }[];
  readonly refused: readonly Blocked[];
  /** What the inventory says now. All of the plan's, none, or, without transactions, what was done of it. */
  readonly written: Pick<Plan, 'rows' | 'droppedRows'>;
  /** The source's state was written. */
  readonly recorded: boolean;
  readonly interruptedBy?: unknown;
};

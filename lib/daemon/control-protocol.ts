import type { JsonValue } from '../base/json.ts';

/** How a daemon is to end. */
export type EndRequest = {
  readonly pods: boolean;
  /** null: each pod's own grace period. */
  readonly graceMaxMs: number | null;
};

/**
 * What the commands ask of a running daemon, over a unix socket in its data directory (only its owner can open it).
 * One JSON body in, one out; `events` is a stream of JSON lines.
 */
export type ControlHandlers = {
  /** The full status report, as `pintle status -o json` prints it. */
  status(): Promise<JsonValue>;
  /** The plan of a revision against what is live; null: of the branch. */
  plan(request: { readonly revision: string | null }): Promise<JsonValue>;
  /** All that a simulation of a revision begins from: what is stored, Secrets too, and the revision's files; null: of the branch. */
  snapshot(request: { readonly revision: string | null }): Promise<JsonValue>;
  history(): Promise<JsonValue>;
  /** Lets a held prune go on; null: the only one that waits. */
  approve(request: { readonly id: string | null }): Promise<JsonValue>;
  /** Commits the state of `revision` (null: the one applied before) onto the branch. */
  rollback(request: { readonly revision: string | null }): Promise<JsonValue>;
  node(): Promise<JsonValue>;
  /** The machine's nodes and whether they run. */
  nodeList(): Promise<JsonValue>;
  /** Plays the loss of a node, until it is started again. Answers its name. */
  nodeStop(request: { readonly name: string }): Promise<JsonValue>;
  nodeStart(request: { readonly name: string }): Promise<JsonValue>;
  /** Ends the daemon; with `pods`, its pods too, which get `graceMaxMs` at most. Answers when all of it is over. */
  down(request: EndRequest): Promise<JsonValue>;
};

export const controlMethods = [
  'status',
  'plan',
  'snapshot',
  'history',
  'approve',
  'rollback',
  'node',
  'nodeList',
  'nodeStop',
  'nodeStart',
  'down',
  'imageList',
  'imageImport',
  'imageRemove',
] as const;
export type ControlMethod = (typeof controlMethods)[number];

export type ControlAnswer =
  | { readonly ok: true; readonly result: JsonValue }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Something failed. `retried`: it is tried again by itself; otherwise somebody has to do something. */
export type Trouble = { readonly code: string; readonly message: string; readonly retried: boolean };

/** Something that happened, for those who look on (`npm start`, `pintle up` in a terminal). */
export type DaemonEvent =
  | { readonly type: 'revision'; readonly revision: string; readonly subject: string }
  | {
      readonly type: 'applied';
      readonly revision: string;
      readonly created: number;
      readonly changed: number;
      readonly pruned: number;
      readonly blocked: number;
    }
  | {
      readonly type: 'object';
      readonly action: 'create' | 'patch' | 'replace' | 'prune';
      readonly object: string;
      readonly heals: boolean;
    }
  | {
      readonly type: 'health';
      readonly object: string;
      readonly state: string;
      readonly reason: string;
      readonly message: string;
    }
  | {
      readonly type: 'summary';
      readonly healthy: number;
      readonly total: number;
      readonly health: string;
      readonly sync: string;
      readonly revision: string | null;
    }
  | { readonly type: 'problem'; readonly severity: string; readonly text: string }
  | {
      readonly type: 'hold';
      readonly object: string;
      readonly mode: string;
      readonly evidence: string;
      readonly goodRevisions: readonly string[];
    }
  /** `approval`: it waits for `pintle approve`; otherwise for what `detail` says. */
  | { readonly type: 'prune-held'; readonly id: string; readonly detail: string; readonly approval: boolean }
  | ({ readonly type: 'trouble' } & Trouble);

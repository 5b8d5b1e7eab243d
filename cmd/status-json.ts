/** The members of `pintle status -o json` that the commands read; the format is lib/status/status-json.ts. */
export type StatusJson = {
  readonly source: { readonly repository: string; readonly branch: string; readonly path: string };
  readonly head: string | null;
  readonly revision: string | null;
  readonly sync: string;
  readonly health: string;
  readonly total: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly objects: readonly StatusObject[];
  readonly pruneHolds: readonly {
    readonly id: string;
    readonly reason: string;
    readonly detail: string;
    /** It waits for `pintle approve`. */
    readonly needsApproval: boolean;
    readonly objects: readonly StatusRef[];
  }[];
  readonly holds: readonly {
    readonly cause: StatusRef;
    readonly mode: string;
    readonly failedRevision: string;
    readonly goodRevisions: readonly string[];
    readonly evidence: string;
  }[];
  readonly problems: readonly {
    readonly severity: string;
    readonly ruleId: string;
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly message: string;
  }[];
  /** What fails at the moment, beside what the manifests say. */
  readonly troubles: readonly {
    readonly code: string;
    readonly message: string;
    /** Whether it is tried again by itself. */
    readonly retried: boolean;
    readonly since: string;
  }[];
  readonly events: readonly {
    readonly at: string;
    readonly type: string;
    readonly reason: string;
    readonly object: string;
    readonly message: string;
    readonly count: number;
  }[];
};

export type StatusRef = {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
};

export type StatusObject = StatusRef & {
  readonly sync: string;
  readonly syncReason?: string;
  readonly syncDetail?: string;
  readonly health: string;
  readonly reason?: string;
  readonly message?: string;
  readonly path: string;
  readonly commit: string | null;
};

export function refLabel({ kind, namespace, name }: StatusRef): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** What the files hold is healthy or rests on purpose, and is as git says; whatever else may be wrong elsewhere. */
export function isSettledIn(status: StatusJson, paths: ReadonlySet<string>): boolean {
  const broken = status.problems.some(({ severity, file }) => severity === 'error' && paths.has(file));
  const objects = status.objects.filter(({ path }) => paths.has(path));
  return !broken && objects.every(({ sync, health }) => sync === 'Synced' && isWell(health));
}

function isWell(health: string): boolean {
  return health === 'Healthy' || health === 'Suspended';
}

/** Every object is healthy or rests on purpose, and git's newest commit is live. */
export function isSettled(status: StatusJson): boolean {
  return status.sync === 'Synced' && isWell(status.health);
}

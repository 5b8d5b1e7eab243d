import type { PlannedMount } from './container-plan.ts';

/** One mount for the launcher, put together before it starts: what is bound at `outer.destination`, and what is mounted in it. */
export type Composition = {
  readonly outer: PlannedMount;
  /** Outer before inner, each with its destination in the container. */
  readonly inner: readonly PlannedMount[];
};

export type ComposedMounts = {
  /** For the launcher: none of their destinations lies in what another of them binds. */
  readonly mounts: readonly PlannedMount[];
  readonly compositions: readonly Composition[];
};

/**
 * Whoever shares a volume can change it while a launcher goes through it to what is mounted inside, and the launcher may be led out
 * of the container: runc before 1.1.14 makes directories there (CVE-2024-45310). So no launcher goes through one: what lies in a
 * bind is mounted into it beforehand, and `sourceOf` (the composition's number) is bound instead. Pure.
 */
export function composeMounts(
  mounts: readonly PlannedMount[],
  of: { readonly privileged: boolean; sourceOf(at: number): string },
): ComposedMounts {
  /** The mount in which each is put together, itself where it lies in none. */
  const tops: PlannedMount[] = [];
  const inner = new Map<PlannedMount, PlannedMount[]>();
  for (const [at, mount] of mounts.entries()) {
    const below = mounts.slice(0, at).findLastIndex((earlier) => holds(earlier, mount));
    const top = tops[below] ?? mount;
    tops.push(top);
    if (top !== mount) inner.set(top, [...(inner.get(top) ?? []), mount]);
  }
  const compositions: Composition[] = [];
  const kept = mounts.flatMap((mount, at) => {
    if (tops[at] !== mount) return [];
    const within = inner.get(mount);
    if (within === undefined) return [mount];
    compositions.push({ outer: mount, inner: within.flatMap((one) => ofOurs(one, of.privileged)) });
    // It is read-only all the way down by then, and what is mounted in it is what it was asked to be.
    const options = mount.options.filter((option) => option !== 'rro');
    return [{ ...mount, source: of.sourceOf(compositions.length - 1), options }];
  });
  return { mounts: kept, compositions };
}

function holds(outer: PlannedMount, { destination }: PlannedMount): boolean {
  return outer.type === 'bind' && destination.startsWith(`${outer.destination}/`);
}

/**
 * What can be mounted outside of the container's namespaces. Its message queues cannot, and where a volume is its /dev it has none.
 * Nor can its groups: where a volume is its /sys, the machine's must not be seen in their place.
 */
function ofOurs(mount: PlannedMount, privileged: boolean): readonly PlannedMount[] {
  switch (mount.type) {
    case 'mqueue':
      return [];
    case 'cgroup':
      return privileged
        ? []
        : [
            {
              ...mount,
              type: 'tmpfs',
              source: 'tmpfs',
              options: ['ro', 'nosuid', 'nodev', 'noexec', 'size=0'],
            },
          ];
    default:
      return [mount];
  }
}

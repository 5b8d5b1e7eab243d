/** As an OCI index names platforms. */
export type Platform = {
  readonly os: string;
  readonly architecture: string;
  /** `v8` of arm64, `v7` of arm; '' where there is none. */
  readonly variant: string;
};

/** This machine's, by Node's names of processors. */
export function machinePlatform(arch: string = process.arch): Platform {
  switch (arch) {
    case 'x64':
      return { os: 'linux', architecture: 'amd64', variant: '' };
    case 'arm64':
      return { os: 'linux', architecture: 'arm64', variant: 'v8' };
    case 'arm':
      return { os: 'linux', architecture: 'arm', variant: 'v7' };
    default:
      return { os: 'linux', architecture: arch, variant: '' };
  }
}

/** An index may leave out arm64's only variant. */
function normalised({ os, architecture, variant }: Platform): Platform {
  const isOnly =
    (architecture === 'arm64' && variant === 'v8') || (architecture === 'amd64' && variant === 'v1');
  return { os, architecture, variant: isOnly ? '' : variant };
}

/**
 * Which of the offered platforms runs on `machine`, as its place in the list; -1: none does. The same variant is best, then the highest
 * one below the machine's, then one that says nothing of variants.
 */
export function choosePlatform(offered: readonly Platform[], machine: Platform): number {
  const own = normalised(machine);
  let best = -1;
  let bestRank = -1;
  offered.forEach((platform, at) => {
    const rank = rankOf(normalised(platform), own);
    if (rank > bestRank) [best, bestRank] = [at, rank];
  });
  return best;
}

/** Whether an image that says it is for `platform` is for this machine; one that says nothing is taken at its silence. */
export function runsOn(platform: Platform, machine: Platform): boolean {
  const { os, architecture } = platform;
  return (os === '' || os === machine.os) && (architecture === '' || architecture === machine.architecture);
}

function rankOf(platform: Platform, machine: Platform): number {
  if (platform.os !== machine.os || platform.architecture !== machine.architecture) return -1;
  if (platform.variant === machine.variant) return 1_000;
  if (platform.variant === '') return 0;
  const [theirs, ours] = [versionOf(platform.variant), versionOf(machine.variant)];
  // amd64's levels beyond the first, and arm64's v9, need a processor that may not be here.
  return theirs !== null && ours !== null && theirs < ours ? theirs : -1;
}

function versionOf(variant: string): number | null {
  const digits = /^v(\d{1,2})$/.exec(variant)?.[1];
  return digits === undefined ? null : Number(digits);
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}${variant === '' ? '' : `/${variant}`}`;
}

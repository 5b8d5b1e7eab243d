import type { EpochMs } from '../base/clock.ts';
import type { Trouble } from './control-protocol.ts';

/** What can be in trouble; of each, one trouble stands at a time. */
export const troubledParts = [
  'repository',
  'branch',
  'status-branch',
  'store',
  'pass',
  'static-pods',
] as const;
export type TroubledPart = (typeof troubledParts)[number];

export type StandingTrouble = Trouble & { readonly sinceMs: EpochMs };

/** What fails at the moment. The events tell when a trouble begins; whoever comes later asks here. */
export type StandingTroubles = {
  /** A part fails: told once, and again when it fails in another way. Whether it was told. */
  begin(part: TroubledPart, trouble: Trouble): boolean;
  /** It works. Whether it was in trouble. */
  end(part: TroubledPart): boolean;
  /** In the order of `troubledParts`. */
  all(): readonly StandingTrouble[];
};

export function standingTroubles(options: {
  readonly now: () => EpochMs;
  readonly tell: (trouble: Trouble) => void;
}): StandingTroubles {
  const standing = new Map<TroubledPart, StandingTrouble>();
  return {
    begin(part, trouble) {
      const before = standing.get(part);
      const isNew = before?.code !== trouble.code;
      standing.set(part, { ...trouble, sinceMs: before?.sinceMs ?? options.now() });
      if (isNew) options.tell(trouble);
      return isNew;
    },
    end: (part) => standing.delete(part),
    all: () => troubledParts.flatMap((part) => standing.get(part) ?? []),
  };
}

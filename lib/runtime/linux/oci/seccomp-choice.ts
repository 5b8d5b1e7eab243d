import type { SeccompChoice } from '../../container-security.ts';
import { type Resolved, resolved, unresolved } from '../../references.ts';
import { isConfined } from '../../volume/confined-path.ts';
import { parseSeccompProfile } from './parse-seccomp-profile.ts';
import { type Architecture, defaultSeccomp, type SeccompProfile } from './seccomp-profile.ts';

/** What a Localhost choice needs besides: the text of the file it names; null: there is none. */
export type LocalhostProfile = {
  readonly text: string | null;
  readonly directory: string;
  /** Profiles may ask for it. Unset: not known. */
  readonly kernelRelease?: string;
};

/**
 * The filter of a container; null: none. Of a profile of the machine's owner see parseSeccompProfile.
 * Localhost choices whose path leaves the directory are refused before anything is read: see localhostProfilePath.
 */
export function seccompOf(
  choice: SeccompChoice,
  machine: {
    readonly architecture: Architecture;
    readonly capabilities: readonly string[];
    readonly localhost: LocalhostProfile | null;
  },
): Resolved<SeccompProfile | null> {
  if (choice.type === 'Unconfined') return resolved(null);
  if (choice.type === 'RuntimeDefault')
    return resolved(defaultSeccomp(machine.architecture, machine.capabilities));
  const path = localhostProfilePath(choice);
  if (!path.ok) return path;
  const text = machine.localhost?.text ?? null;
  if (text === null) {
    const where = machine.localhost === null ? 'here' : `in ${machine.localhost.directory}`;
    return unresolved(`There is no seccomp profile ${JSON.stringify(path.value)} ${where}.`);
  }
  const { architecture, capabilities, localhost } = machine;
  const kernelRelease = localhost?.kernelRelease ?? '';
  return parseSeccompProfile(text, {
    ...{ name: path.value, machine: { architecture, capabilities, kernelRelease } },
  });
}

/** The path of the profile below the machine's directory of profiles. */
export function localhostProfilePath(
  choice: Extract<SeccompChoice, { readonly type: 'Localhost' }>,
): Resolved<string> {
  const { localhostProfile: path } = choice;
  if (isConfined(path)) return resolved(path);
  return unresolved(
    `The seccomp profile ${JSON.stringify(path)} is not a path below the machine's profiles.`,
  );
}

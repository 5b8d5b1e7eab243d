import { isArray, isObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import { limits } from '../../../base/limits.ts';
import { type Resolved, resolved, unresolved } from '../../references.ts';
import type { Architecture, SeccompArgument, SeccompProfile, SeccompRule } from './seccomp-profile.ts';

/** What conditions of a profile are asked of. */
export type ProfileMachine = {
  readonly architecture: Architecture;
  /** The container's: `CAP_…`. */
  readonly capabilities: readonly string[];
  /** `6.1.0-13-amd64`; '' where it is not known: what asks for a newer one does not hold. */
  readonly kernelRelease: string;
};

/** As files name them. Source: the names of Go's architectures. */
const ARCHITECTURES: Readonly<Record<Architecture, { readonly name: string; readonly native: string }>> = {
  x64: { name: 'amd64', native: 'SCMP_ARCH_X86_64' },
  arm64: { name: 'arm64', native: 'SCMP_ARCH_AARCH64' },
};

/**
 * Reads a profile of the machine's owner: the form of the OCI runtime specification, or that of container engines' own files, whose
 * conditions (`includes`, `excludes`, `archMap`) are decided for this container and machine. A file that asks for anything else is refused
 * with what it is. `name` is said in the message.
 */
export function parseSeccompProfile(
  text: string,
  { name, machine }: { readonly name: string; readonly machine: ProfileMachine },
): Resolved<SeccompProfile> {
  const wrong = (what: string): Resolved<never> =>
    unresolved(`The seccomp profile ${JSON.stringify(name)} cannot be used: ${what}.`);
  if (text.length > limits.seccompProfileCharsMax) return wrong('it is too long');
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return wrong('it is not JSON');
  }
  if (!isObject(value) || !isAction(value.defaultAction)) return wrong('it has no defaultAction');
  const { flags, syscalls = [], defaultErrnoRet, listenerPath } = value;
  if (!isArray(syscalls)) return wrong('its syscalls are not a list');
  if (listenerPath !== undefined) return wrong('it has a listenerPath, and nobody listens here');
  const rules: SeccompRule[] = [];
  for (const [index, raw] of syscalls.entries()) {
    const rule = ruleOf(raw, machine);
    if (rule === null) return wrong(`its syscalls[${index}] is no rule`);
    if (rule !== 'elsewhere') rules.push(rule);
  }
  const architectures = architecturesOf(value, machine.architecture);
  return resolved({
    defaultAction: value.defaultAction,
    ...(isCount(defaultErrnoRet) && { defaultErrnoRet }),
    ...(architectures !== null && { architectures }),
    ...(isTexts(flags) && { flags }),
    syscalls: rules,
  });
}

/** null: as the launcher has it, which is the machine's own alone. */
function architecturesOf(
  { architectures, archMap }: JsonObject,
  architecture: Architecture,
): readonly string[] | null {
  if (isTexts(architectures)) return architectures;
  const { native } = ARCHITECTURES[architecture];
  const own = (isArray(archMap) ? archMap : []).find((one) => isObject(one) && one.architecture === native);
  if (!isObject(own)) return null;
  return [native, ...(isTexts(own.subArchitectures) ? own.subArchitectures : [])];
}

/** null: it is none; `elsewhere`: not for this container, or this machine. */
function ruleOf(raw: JsonValue, machine: ProfileMachine): SeccompRule | 'elsewhere' | null {
  if (!isObject(raw) || !isAction(raw.action)) return null;
  const { action, errnoRet, args, name } = raw;
  const names = typeof name === 'string' && name !== '' ? [name] : raw.names;
  if (!isTexts(names)) return null;
  const included = conditionOf(raw.includes);
  const excluded = conditionOf(raw.excludes);
  if (included === null || excluded === null) return null;
  const given = args === undefined || args === null ? [] : isArray(args) ? args.map(argumentOf) : [null];
  const known = given.filter((one) => one !== null);
  if (known.length < given.length) return null;
  if (!isIncluded(included, machine) || isExcluded(excluded, machine)) return 'elsewhere';
  return { names, action, ...(isCount(errnoRet) && { errnoRet }), ...(known.length > 0 && { args: known }) };
}

type Condition = {
  readonly caps: readonly string[];
  readonly arches: readonly string[];
  readonly minKernel: string;
};

const NAMED = new Set(['caps', 'arches', 'minKernel']);

/** null: it says what is not known here, and would be lost. */
function conditionOf(raw: JsonValue | undefined): Condition | null {
  if (raw === undefined || raw === null) return { caps: [], arches: [], minKernel: '' };
  if (!isObject(raw) || !Object.keys(raw).every((key) => NAMED.has(key))) return null;
  const { caps = [], arches = [], minKernel = '' } = raw;
  const isList = (list: JsonValue): list is readonly string[] =>
    isArray(list) && list.every((one) => typeof one === 'string');
  if (!isList(caps) || !isList(arches) || typeof minKernel !== 'string') return null;
  return minKernel === '' || /^\d{1,5}\.\d{1,5}$/.test(minKernel) ? { caps, arches, minKernel } : null;
}

/** All of it holds. */
function isIncluded({ caps, arches, minKernel }: Condition, machine: ProfileMachine): boolean {
  if (arches.length > 0 && !arches.includes(ARCHITECTURES[machine.architecture].name)) return false;
  if (minKernel !== '' && !isKernelAtLeast(machine.kernelRelease, minKernel)) return false;
  return caps.every((capability) => machine.capabilities.includes(capability));
}

/** Any of it holds. */
function isExcluded({ caps, arches, minKernel }: Condition, machine: ProfileMachine): boolean {
  if (arches.includes(ARCHITECTURES[machine.architecture].name)) return true;
  if (minKernel !== '' && isKernelAtLeast(machine.kernelRelease, minKernel)) return true;
  return caps.some((capability) => machine.capabilities.includes(capability));
}

function isKernelAtLeast(release: string, least: string): boolean {
  const [own = 0, ownPart = 0] = (/^\d{1,5}\.\d{1,5}/.exec(release)?.[0] ?? '').split('.').map(Number);
  const [major = 0, part = 0] = least.split('.').map(Number);
  return own > major || (own === major && ownPart >= part);
}

function argumentOf(raw: JsonValue): SeccompArgument | null {
  if (!isObject(raw)) return null;
  const { index, value, valueTwo, op } = raw;
  if (!isCount(index) || index > 5 || !isCount(value) || typeof op !== 'string') return null;
  if (!/^SCMP_CMP_[A-Z_]{1,20}$/.test(op)) return null;
  return { index, value, ...(isCount(valueTwo) && { valueTwo }), op };
}

/** Not SCMP_ACT_NOTIFY: there is nobody to be notified. Source: OCI runtime specification, seccomp. */
const ACTIONS = new Set(
  ['ALLOW', 'ERRNO', 'KILL', 'KILL_PROCESS', 'KILL_THREAD', 'LOG', 'TRACE', 'TRAP'].map(
    (word) => `SCMP_ACT_${word}`,
  ),
);

const isAction = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && ACTIONS.has(value);
const isCount = (value: JsonValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isTexts = (value: JsonValue | undefined): value is readonly string[] =>
  isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');

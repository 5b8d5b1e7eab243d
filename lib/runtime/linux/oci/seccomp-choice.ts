import { isArray, isObject, type JsonValue } from '../../../base/json.ts';
import { limits } from '../../../base/limits.ts';
import type { SeccompChoice } from '../../container-security.ts';
import { type Resolved, resolved, unresolved } from '../../references.ts';
import { isConfined } from '../../volume/confined-path.ts';
import {
  type Architecture,
  defaultSeccomp,
  type SeccompArgument,
  type SeccompProfile,
  type SeccompRule,
} from './seccomp-profile.ts';

/** What a Localhost choice needs besides: the text of the file it names; null: there is none. */
export type LocalhostProfile = { readonly text: string | null; readonly directory: string };

/**
 * The filter of a container; null: none. A profile of the machine's owner is the JSON of the OCI runtime specification.
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
  return parseProfile(text, path.value);
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

function parseProfile(text: string, path: string): Resolved<SeccompProfile> {
  const wrong = (what: string): Resolved<never> =>
    unresolved(`The seccomp profile ${JSON.stringify(path)} cannot be used: ${what}.`);
  if (text.length > limits.seccompProfileCharsMax) return wrong('it is too long');
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return wrong('it is not JSON');
  }
  if (!isObject(value) || !isAction(value.defaultAction)) return wrong('it has no defaultAction');
  const { architectures, flags, syscalls = [], defaultErrnoRet } = value;
  if (!isArray(syscalls)) return wrong('its syscalls are not a list');
  const rules: SeccompRule[] = [];
  for (const [index, raw] of syscalls.entries()) {
    const rule = ruleOf(raw);
    if (rule === null) return wrong(`its syscalls[${index}] is not a rule of the OCI runtime specification`);
    rules.push(rule);
  }
  return resolved({
    defaultAction: value.defaultAction,
    ...(isCount(defaultErrnoRet) && { defaultErrnoRet }),
    ...(isTexts(architectures) && { architectures }),
    ...(isTexts(flags) && { flags }),
    syscalls: rules,
  });
}

/** Conditions on kernels and capabilities, which container engines' own files have, would be lost: such a rule is none. */
function ruleOf(raw: JsonValue): SeccompRule | null {
  if (!isObject(raw) || !isTexts(raw.names) || !isAction(raw.action)) return null;
  if (isFull(raw.includes) || isFull(raw.excludes)) return null;
  const { names, action, errnoRet, args } = raw;
  const given = args === undefined || args === null ? [] : isArray(args) ? args.map(argumentOf) : [null];
  const known = given.filter((one) => one !== null);
  if (known.length < given.length) return null;
  return { names, action, ...(isCount(errnoRet) && { errnoRet }), ...(known.length > 0 && { args: known }) };
}

function argumentOf(raw: JsonValue): SeccompArgument | null {
  if (!isObject(raw)) return null;
  const { index, value, valueTwo, op } = raw;
  if (!isCount(index) || index > 5 || !isCount(value) || typeof op !== 'string') return null;
  if (!/^SCMP_CMP_[A-Z_]{1,20}$/.test(op)) return null;
  return { index, value, ...(isCount(valueTwo) && { valueTwo }), op };
}

const isAction = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && /^SCMP_ACT_[A-Z_]{1,20}$/.test(value);
const isCount = (value: JsonValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isTexts = (value: JsonValue | undefined): value is readonly string[] =>
  isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
const isFull = (value: JsonValue | undefined): boolean => isObject(value) && Object.keys(value).length > 0;

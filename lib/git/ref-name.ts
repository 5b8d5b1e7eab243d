import { UserError } from '../base/errors.ts';

/** Names longer than this do not fit into a file name with `.lock` on common file systems. */
const COMPONENT_BYTES_MAX = 250;
const NAME_BYTES_MAX = 1024;

/** ASCII control characters, space, and the characters git's revision syntax and patterns use. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const FORBIDDEN = /[\x00-\x20\x7f~^:?*[\\]/;

/**
 * Whether git takes `name` as a reference name of one component or more.
 * Source: git-check-ref-format(1), with --allow-onelevel; stricter in that no component may begin with '-'.
 */
export function isRefName(name: string): boolean {
  if (name === '' || name === '@' || Buffer.byteLength(name) > NAME_BYTES_MAX) return false;
  if (FORBIDDEN.test(name) || name.includes('..') || name.includes('@{') || name.endsWith('.')) return false;
  return name.split('/').every(isComponent);
}

function isComponent(part: string): boolean {
  if (part === '' || part.startsWith('.') || part.startsWith('-') || part.endsWith('.lock')) return false;
  return Buffer.byteLength(part) <= COMPONENT_BYTES_MAX;
}

/** Whether `name` can be a branch ("main", "pintle/status"). HEAD is reserved, as in git. */
export function isBranchName(name: string): boolean {
  return name !== 'HEAD' && isRefName(name);
}

/**
 * The full reference of a branch given by name or by full reference.
 * @throws {UserError} INVALID_REF_NAME
 */
export function branchRef(branch: string): string {
  const name = branch.startsWith('refs/heads/') ? branch.slice('refs/heads/'.length) : branch;
  if (!isBranchName(name)) {
    throw new UserError('INVALID_REF_NAME', `${JSON.stringify(branch)} is not a branch name`, { branch });
  }
  return `refs/heads/${name}`;
}

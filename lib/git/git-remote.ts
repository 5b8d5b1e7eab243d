import { WorldError } from '../base/errors.ts';
import { timings } from '../base/limits.ts';
import type { CredentialSource } from './credentials.ts';
import type { GitRemote } from './engine.ts';
import type { GitProcesses } from './git-process.ts';
import { isOid } from './object-id.ts';
import { isRefName } from './ref-name.ts';
import type { Oid } from './repository.ts';

/** The far side of a mirror, over the `git` program. `url` carries no credentials. */
export function gitRemote(options: {
  readonly processes: GitProcesses;
  readonly url: string;
  readonly credentials: CredentialSource;
}): GitRemote {
  const { processes, url } = options;

  const list = async (flags: readonly string[]): Promise<ReadonlyMap<string, Oid>> => {
    const output = await processes.output({
      arguments: ['ls-remote', '--quiet', ...flags, '--', url],
      timeoutMs: timings.gitRemoteTimeoutMs,
      credentials: await options.credentials(),
    });
    return parseRefs(output.toString('utf8'));
  };

  return {
    listRefs: ({ tags }) => list(tags ? ['--refs', '--heads', '--tags'] : ['--refs', '--heads']),

    async readHead() {
      const output = await processes.output({
        arguments: ['ls-remote', '--quiet', '--symref', '--', url, 'HEAD'],
        timeoutMs: timings.gitRemoteTimeoutMs,
        credentials: await options.credentials(),
      });
      const ref = /^ref: (refs\/heads\/\S+)\tHEAD$/m.exec(output.toString('utf8'))?.[1];
      return ref !== undefined && isRefName(ref) ? ref : null;
    },

    async fetchRefs(refs) {
      const flags = ['--quiet', '--no-tags', '--force', '--no-write-fetch-head', '--no-recurse-submodules'];
      const result = await processes.run({
        arguments: ['fetch', ...flags, '--stdin', '--', url],
        input: Buffer.from(refs.map((ref) => `+${ref}:${ref}\n`).join('')),
        timeoutMs: timings.gitTransferTimeoutMs,
        credentials: await options.credentials(),
      });
      if (result.exitCode === 0) return 'fetched';
      if (/couldn't find remote ref|not our ref/.test(result.said)) return 'vanished';
      throw processes.failure('fetch from', result.said);
    },

    async pushRef({ ref, to, expected }) {
      const result = await processes.run({
        arguments: [
          'push',
          '--porcelain',
          '--no-verify',
          '--no-signed',
          `--force-with-lease=${ref}:${expected ?? ''}`,
          '--',
          url,
          `${to}:${ref}`,
        ],
        timeoutMs: timings.gitTransferTimeoutMs,
        credentials: await options.credentials(),
      });
      if (result.exitCode === 0) return 'published';
      const status = /^!\t[^\t]*\t(.*)$/m.exec(result.output.toString('utf8'))?.[1];
      if (status === undefined) throw processes.failure('push to', result.said);
      // Words differ between servers; where the branch is now does not.
      const now = (await list(['--refs', '--heads'])).get(ref) ?? null;
      if (now === to) return 'published';
      if (now !== expected) return 'raced';
      const message = `${processes.location} refuses the push of ${ref}: ${status}${wordsOf(result.said)}`;
      throw new WorldError('PUSH_REJECTED', message, {
        location: processes.location,
        ref,
        said: result.said.slice(-1000),
      });
    },
  };
}

/** What the remote's hooks print: the reason, most often, in its owner's words. */
function wordsOf(said: string): string {
  const words = [...said.matchAll(/^remote:[ \t]*(\S.*)$/gm)].map(([, line = '']) => line.trim()).join(' ');
  return words === '' ? '' : `; it says: ${words.slice(0, 300)}`;
}

/** Lines of an object name, a tab and a reference; what is not one is not taken. */
function parseRefs(text: string): ReadonlyMap<string, Oid> {
  const refs = new Map<string, Oid>();
  for (const line of text.split('\n')) {
    const [oid = '', ref = ''] = line.split('\t');
    if (isOid(oid) && isRefName(ref)) refs.set(ref, oid);
  }
  return refs;
}

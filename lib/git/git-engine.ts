import type { Clock } from '../base/clock.ts';
import { UserError, WorldError } from '../base/errors.ts';
import { limits, timings } from '../base/limits.ts';
import { CatFile } from './cat-file.ts';
import type { GitEngine, ObjectRead, RefMove } from './engine.ts';
import type { GitProcesses } from './git-process.ts';
import { type ObjectFormat, zeroOid } from './object-id.ts';
import { packStream } from './pack-stream.ts';
import type { Oid } from './repository.ts';

/** The engine over the `git` program: two long-lived readers, a short process for every write. */
export function gitEngine(options: {
  readonly processes: GitProcesses;
  readonly clock: Clock;
  readonly format: ObjectFormat;
}): GitEngine {
  const { processes, clock, format } = options;
  const headers = new CatFile({ processes, clock, contents: false });
  const contents = new CatFile({ processes, clock, contents: true });

  const readRef = async (ref: string): Promise<Oid | null> => {
    const [reply] = await headers.ask([ref], 0);
    return reply?.kind === 'object' ? reply.oid : null;
  };

  return {
    kind: 'git',
    format,
    readRef,

    async listRefs(prefix) {
      const run = ['for-each-ref', '--format=%(objectname) %(refname)', prefix];
      const output = await processes.output({ arguments: run, timeoutMs: timings.gitReadTimeoutMs });
      const refs = new Map<string, Oid>();
      for (const line of output.toString('utf8').split('\n')) {
        const space = line.indexOf(' ');
        if (space > 0) refs.set(line.slice(space + 1), line.slice(0, space));
      }
      return refs;
    },

    async expandOid(prefix) {
      const [reply] = await headers.ask([prefix], 0);
      if (reply?.kind === 'ambiguous') {
        const message = `several objects begin with ${prefix}: write more of its name`;
        throw new UserError('AMBIGUOUS_REVISION', message, { revision: prefix });
      }
      // A reference of that name (refs/remotes/…) is not what was asked for.
      return reply?.kind === 'object' && reply.oid.startsWith(prefix) ? reply.oid : null;
    },

    read: (oids, bytesMax) => readObjects({ headers, contents }, oids, bytesMax),

    async writeObjects(objects) {
      if (objects.length === 0) return;
      // As git does on receiving: few objects become files, many stay one pack.
      const few = objects.length < limits.looseObjectsMax;
      const run = few ? ['unpack-objects', '-q'] : ['index-pack', '--stdin'];
      const input = await packStream(objects, format);
      await processes.output({ arguments: run, input, timeoutMs: timings.gitTransferTimeoutMs });
    },

    async moveRef(move) {
      const run = { arguments: updateRef(move, format), timeoutMs: timings.gitReadTimeoutMs };
      const result = await processes.run(run);
      if (result.exitCode === 0) return 'moved';
      const now = await readRef(move.ref);
      if (now === move.to) return 'moved';
      if (move.expected !== 'any' && now !== move.expected) return 'raced';
      throw processes.failure('update-ref', result.said);
    },

    async isAncestor(ancestor, of) {
      const run = ['merge-base', '--is-ancestor', ancestor, of];
      const result = await processes.run({ arguments: run, timeoutMs: timings.gitReadTimeoutMs });
      if (result.exitCode > 1 || result.exitCode < 0) throw processes.failure('merge-base', result.said);
      return result.exitCode === 0;
    },

    async pointHead(ref) {
      const run = ['symbolic-ref', '-m', 'pintle', 'HEAD', ref];
      await processes.output({ arguments: run, timeoutMs: timings.gitReadTimeoutMs });
    },

    refresh() {},
    close: () => processes.close(),
  };
}

function updateRef(move: RefMove, format: ObjectFormat): readonly string[] {
  const expected = move.expected === null ? zeroOid(format) : move.expected;
  const old = expected === 'any' ? [] : [expected];
  if (move.to === null) return ['update-ref', '-d', move.ref, ...old];
  return ['update-ref', '-m', 'pintle', move.ref, move.to, ...old];
}

/** Sizes first: content that is too large is never asked for. */
async function readObjects(
  readers: { readonly headers: CatFile; readonly contents: CatFile },
  oids: readonly Oid[],
  bytesMax: number,
): Promise<readonly ObjectRead[]> {
  const heads = await readers.headers.ask(oids, 0);
  const fitting = oids.filter((_, at) => {
    const head = heads[at];
    return head?.kind === 'object' && head.sizeBytes <= bytesMax;
  });
  const bodies = (await readers.contents.ask(fitting, bytesMax)).values();
  return heads.map((head): ObjectRead => {
    if (head.kind !== 'object') return { kind: 'missing' };
    const { type, sizeBytes } = head;
    if (sizeBytes > bytesMax) return { kind: 'too-large', type, sizeBytes };
    const body = bodies.next().value;
    if (body?.kind !== 'object' || body.bytes === null) {
      // It was there a moment ago: collected in between.
      if (body?.kind === 'missing') return { kind: 'missing' };
      throw new WorldError('GIT_FAILED', 'git answered one name in two ways', { oid: head.oid });
    }
    return { kind: 'object', type, bytes: body.bytes };
  });
}

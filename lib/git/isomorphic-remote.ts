import fs from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetch as fetchPack, listServerRefs, push } from 'isomorphic-git';
import type { Clock } from '../base/clock.ts';
import { codeOf, messageOf, WorldError } from '../base/errors.ts';
import { basicAuthorization, type CredentialSource } from './credentials.ts';
import type { GitRemote } from './engine.ts';
import type { IsomorphicEngine } from './isomorphic-engine.ts';
import { isomorphicFailure } from './isomorphic-failure.ts';
import { isomorphicHttp } from './isomorphic-http.ts';
import { isOid } from './object-id.ts';
import { isRefName } from './ref-name.ts';
import type { Oid } from './repository.ts';

/** What a remote advertises for a reference that is not there. */
const NO_OBJECT = '0'.repeat(40);

type Push = { readonly ref: string; readonly to: Oid; readonly expected: Oid | null };

/** The far side of a mirror, without git. `url` carries no credentials. */
export function isomorphicRemote(options: {
  readonly engine: IsomorphicEngine;
  readonly url: string;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
}): GitRemote {
  const { engine, url, clock } = options;
  const { gitdir } = engine.store;
  const http = isomorphicHttp({ clock, location: url });

  /** isomorphic-git writes into the headers it is given, so each call has its own. */
  const exchange = async <T>(call: (headers: Record<string, string>) => Promise<T>): Promise<T> => {
    const credentials = await options.credentials();
    const authorization = basicAuthorization(credentials);
    try {
      return await call(authorization === null ? {} : { Authorization: authorization });
    } catch (thrown) {
      throw isomorphicFailure(thrown, { location: url, credentials });
    }
  };

  const list = async (prefix: string): Promise<ReadonlyMap<string, Oid>> => {
    const found = await exchange((headers) =>
      listServerRefs({ http, url, headers, prefix, protocolVersion: 2 }),
    );
    const valid = found.filter(({ ref, oid }) => ref.startsWith(prefix) && isRefName(ref) && isOid(oid));
    return new Map(valid.map(({ ref, oid }) => [ref, oid]));
  };

  /** isomorphic-git moves references before it has the objects; these are aside, where nobody looks. */
  const clearAside = async (): Promise<void> => {
    await rm(join(gitdir, 'refs', 'pintle'), { recursive: true, force: true });
    await rm(join(gitdir, 'refs', 'remotes'), { recursive: true, force: true });
  };

  const fetchOne = async (ref: string): Promise<'fetched' | 'vanished'> => {
    const cache = await engine.store.cacheFor(1);
    const common = { fs, http, gitdir, cache, url, remote: 'origin' };
    const fetched = await exchange((headers) =>
      fetchPack({ ...common, ref, remoteRef: ref, singleBranch: true, tags: false, headers }),
    ).catch((error: unknown) => {
      if (error instanceof WorldError && error.data.reason === 'NotFoundError') return null;
      throw error;
    });
    const oid = fetched?.fetchHead ?? null;
    if (oid === null) return 'vanished';
    engine.refresh();
    const [there] = await engine.read([oid], 0);
    if (there === undefined || there.kind === 'missing') {
      throw new WorldError('REMOTE_DOWN', `${url} did not send ${ref}`, { location: url, ref });
    }
    await engine.moveRef({ ref, to: oid, expected: 'any' });
    return 'fetched';
  };

  return {
    async listRefs({ tags }) {
      const heads = await list('refs/heads/');
      return tags ? new Map([...heads, ...(await list('refs/tags/'))]) : heads;
    },

    async readHead() {
      const found = await exchange((headers) =>
        listServerRefs({ http, url, headers, prefix: 'HEAD', symrefs: true, protocolVersion: 2 }),
      );
      const target = found.find(({ ref }) => ref === 'HEAD')?.target;
      return target?.startsWith('refs/heads/') && isRefName(target) ? target : null;
    },

    async fetchRefs(refs) {
      try {
        for (const ref of refs) if ((await fetchOne(ref)) === 'vanished') return 'vanished';
        return 'fetched';
      } finally {
        await clearAside();
      }
    },

    async pushRef(move) {
      const cache = await engine.store.cacheFor(1);
      let theirs: Oid | null | 'unknown' = 'unknown';
      try {
        await exchange((headers) =>
          push({
            ...{ fs, http, gitdir, cache, url, headers, remote: 'origin', ref: move.to, remoteRef: move.ref },
            force: true,
            // What is seen here is what is sent as the old value, and the server compares it once more.
            onPrePush: ({ remoteRef }) => {
              theirs = remoteRef.oid === NO_OBJECT ? null : remoteRef.oid;
              return theirs === move.expected && theirs !== move.to;
            },
          }),
        );
        return 'published';
      } catch (thrown) {
        if (reasonOf(thrown) === 'UserCanceledError') return theirs === move.to ? 'published' : 'raced';
        if (reasonOf(thrown) !== 'GitPushError') throw thrown;
        return refused(move, thrown, (await list(move.ref)).get(move.ref) ?? null);
      } finally {
        await clearAside();
      }
    },
  };

  /** Words differ between servers; where the branch is now does not. */
  function refused(move: Push, thrown: unknown, now: Oid | null): 'published' | 'raced' {
    if (now === move.to) return 'published';
    if (now !== move.expected) return 'raced';
    const said = messageOf(thrown);
    const data = { location: url, ref: move.ref, said };
    throw new WorldError('PUSH_REJECTED', `${url} refuses the push of ${move.ref}: ${said}`, data, thrown);
  }
}

function reasonOf(thrown: unknown): unknown {
  return thrown instanceof WorldError ? thrown.data.reason : codeOf(thrown);
}

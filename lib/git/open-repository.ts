import { env } from 'node:process';
import type { Clock } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type CredentialSource, credentialSource } from './credentials.ts';
import type { GitEngine, GitRemote } from './engine.ts';
import { EngineRepository } from './engine-repository.ts';
import { gitEngine } from './git-engine.ts';
import type { Environment } from './git-environment.ts';
import { GitProcesses } from './git-process.ts';
import { gitRemote } from './git-remote.ts';
import { hasUsableGit } from './git-version.ts';
import { assertPlacePresent, locateRepository, type RepositoryPlace } from './locate-repository.ts';
import { type Location, parseLocation } from './location.ts';
import { dropCrowdedMirror, mirrorPath, prepareMirror } from './mirror-place.ts';
import type { GitRepository } from './repository.ts';
import { repositoryOwner } from './repository-owner.ts';
import { watchRefs } from './watch-refs.ts';

export const gitEngineKinds = ['auto', 'git', 'isomorphic'] as const;

export type OpenOptions = {
  /** A path (bare, working tree or linked worktree), or an http(s) URL, with or without user information. */
  readonly location: string;
  /** Where mirrors of remotes are kept; one process at a time. Not touched for a local repository. */
  readonly mirrorDirectory: string;
  /** Asked before every exchange with a remote. Default: PINTLE_GIT_USERNAME and PINTLE_GIT_PASSWORD. */
  readonly credentials?: CredentialSource;
  /** Default auto: the git of the machine if it has a recent one, else isomorphic-git. */
  readonly engine?: (typeof gitEngineKinds)[number];
  /** Default: the process's own. */
  readonly environment?: Environment;
  readonly clock: Clock;
  readonly log: Log;
};

type Parts = {
  readonly engine: GitEngine;
  readonly remote: GitRemote | null;
};

/**
 * Opens a repository. A remote is not asked yet: `fetch` does that, so a daemon starts while its remote is down.
 *
 * @throws {UserError} UNSUPPORTED_TRANSPORT, INVALID_LOCATION, UNSUPPORTED_REPOSITORY, GIT_NOT_INSTALLED
 * @throws {WorldError} REPOSITORY_MISSING, GIT_FAILED
 */
export async function openRepository(options: OpenOptions): Promise<GitRepository> {
  const location = parseLocation(options.location);
  const environment = options.environment ?? env;
  const { clock, log } = options;
  const kind = await chooseEngine(options.engine ?? 'auto', environment, clock);
  const place = await placeOf(location, options.mirrorDirectory, kind);
  const credentials = credentialSource({ location, given: options.credentials, environment });
  const input = { location, place, environment, clock, credentials };
  const { engine, remote } = kind === 'git' ? gitParts(input) : await isomorphicParts(input);
  log.debug('repository-opened', { location: location.shown, engine: kind });
  const watchers = new Set<{ close(): Promise<void> }>();
  return new EngineRepository({
    location: location.shown,
    engine,
    remote,
    assertPresent: () => assertPlacePresent(place, location.shown),
    async watch(onChange) {
      if (remote !== null) return { close: async () => {} };
      const watcher = await watchRefs({ place, clock, log, onChange });
      watchers.add(watcher);
      return watcher;
    },
    async close() {
      await Promise.all([...watchers].map((watcher) => watcher.close()));
      await engine.close();
    },
  });
}

async function placeOf(
  location: Location,
  mirrorDirectory: string,
  kind: 'git' | 'isomorphic',
): Promise<RepositoryPlace> {
  if (location.kind === 'local') return locateRepository(location.path);
  const path = mirrorPath(mirrorDirectory, location.url);
  if (kind === 'isomorphic') await dropCrowdedMirror(path);
  return prepareMirror(path);
}

type PartsInput = {
  readonly location: Location;
  readonly place: RepositoryPlace;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly credentials: CredentialSource;
};

function gitParts({ location, place, environment, clock, credentials }: PartsInput): Parts {
  const { gitDirectory } = place;
  const owner = repositoryOwner(place.commonDirectory);
  const processes = new GitProcesses({ location: location.shown, gitDirectory, environment, owner, clock });
  const engine = gitEngine({ processes, clock, format: place.format });
  if (location.kind === 'local') return { engine, remote: null };
  return { engine, remote: gitRemote({ processes, url: location.url, credentials }) };
}

/** Loaded when it is needed only: it takes longer to load than most commands take to run. */
async function isomorphicParts({ location, place, clock, credentials }: PartsInput): Promise<Parts> {
  const { isomorphicEngine } = await import('./isomorphic-engine.ts');
  const { isomorphicRemote } = await import('./isomorphic-remote.ts');
  const engine = await isomorphicEngine({ place, clock, location: location.shown });
  if (location.kind === 'local') return { engine, remote: null };
  return {
    engine,
    remote: isomorphicRemote({ engine, url: location.url, credentials, clock }),
  };
}

async function chooseEngine(
  wanted: (typeof gitEngineKinds)[number],
  environment: Environment,
  clock: Clock,
): Promise<'git' | 'isomorphic'> {
  if (wanted === 'isomorphic') return 'isomorphic';
  if (await hasUsableGit({ environment, clock })) return 'git';
  if (wanted === 'auto') return 'isomorphic';
  throw new UserError('GIT_NOT_INSTALLED', 'this machine has no git of version 2.31 or newer');
}

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { ObjectType } from '../git/object-id.ts';
import { commitTo, forceRef, type MemoryGit, memoryGit, memoryRepository } from './memory-git.ts';
import { repositoryContract, type Scene } from './repository-contract.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { type TemporaryRepository, temporaryRepository } from './temporary-repository.ts';

/** Writes all of it to a repository on disk, with the git program. */
async function save(git: MemoryGit, { path, git: run }: TemporaryRepository): Promise<void> {
  const known = new Set(
    (await run('cat-file', '--batch-check=%(objectname)', '--batch-all-objects')).split('\n'),
  );
  for (const [oid, { type, bytes }] of git.objects) {
    if (known.has(oid)) continue;
    execFileSync('git', ['hash-object', '-w', '-t', type, '--stdin'], { cwd: path, input: bytes });
  }
  const there = new Set((await run('for-each-ref', '--format=%(refname)')).split('\n').filter(Boolean));
  for (const [ref, oid] of git.refs) {
    there.delete(ref);
    await run('update-ref', ref, oid);
  }
  for (const ref of there) await run('update-ref', '-d', ref);
}

/** Takes over all that git has there. */
async function load(git: MemoryGit, { path, git: run }: TemporaryRepository): Promise<void> {
  const all = await run('cat-file', '--batch-check', '--batch-all-objects');
  for (const line of all.split('\n').filter(Boolean)) {
    const [oid = '', type = ''] = line.split(' ');
    if (git.objects.has(oid)) continue;
    const bytes = execFileSync('git', ['cat-file', type, oid], { cwd: path });
    git.objects.set(oid, { type: type as ObjectType, bytes });
  }
  git.refs.clear();
  for (const line of (await run('for-each-ref', '--format=%(refname) %(objectname)')).split('\n')) {
    const [ref = '', oid = ''] = line.split(' ');
    if (ref !== '') forceRef(git, ref, oid);
  }
}

async function openInMemory(t: ExecutionContext): Promise<Scene> {
  const work = await temporaryRepository(join(await temporaryDirectory(t), 'work'));
  const memory = memoryGit();
  await commitTo(memory, { branch: 'main', files: { 'README.md': 'hello\n' }, message: 'First\n', atMs: 0 });
  const git: Scene['git'] = async (...words) => {
    await save(memory, work);
    const said = await work.git(...words);
    await load(memory, work);
    return said;
  };
  return {
    repository: memoryRepository(memory),
    git,
    path: work.path,
    another: () => Promise.resolve(memoryRepository(memory)),
    async commit(files, message) {
      await save(memory, work);
      await work.git('reset', '-q', '--hard', 'main');
      const oid = await work.commit(files, message);
      await load(memory, work);
      return oid;
    },
  };
}

// It cannot go away: it is in memory.
repositoryContract('memory', 'a bare repository', {
  open: openInMemory,
  without: ['a repository that went away is missing, not empty'],
});

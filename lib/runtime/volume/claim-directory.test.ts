import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { claimDirectory, holdsClaims, isInClaim, removeClaimDirectory } from './claim-directory.ts';

const HANDLE = 'pvc-0f0e0d0c-1111-2222-3333-0123456789ab';

test('what a claim holds stays until it is removed', async (t) => {
  const root = await temporaryDirectory(t);
  const path = await claimDirectory(root, HANDLE, null);
  writeFileSync(join(path, 'kept'), 'yes');
  t.is(await claimDirectory(root, HANDLE, null), path);
  t.is(readFileSync(join(path, 'kept'), 'utf8'), 'yes');
  t.true(holdsClaims(root));
  t.true(isInClaim(root, path));
  t.false(isInClaim(root, join(path, 'kept')));
  await removeClaimDirectory(root, HANDLE);
  t.false(existsSync(path));
  t.false(holdsClaims(root), 'nothing is left of the last one');
  await t.notThrowsAsync(removeClaimDirectory(root, HANDLE));
});

test('a handle is one name, and no way elsewhere', async (t) => {
  const root = await temporaryDirectory(t);
  for (const handle of ['', '..', '../x', 'pvc-1', `${HANDLE}/..`, `/${HANDLE}`]) {
    await t.throwsAsync(claimDirectory(root, handle, null), { code: 'DRIVER_FAILED' }, handle);
    await t.throwsAsync(removeClaimDirectory(root, handle), { code: 'DRIVER_FAILED' }, handle);
  }
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot('the next user gets what the one before left, and nothing through a link', async (t) => {
  const root = await temporaryDirectory(t);
  const outside = join(root, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'file'), '');
  const path = await claimDirectory(root, HANDLE, 70_001);
  mkdirSync(join(path, 'deep'));
  writeFileSync(join(path, 'deep', 'file'), '');
  symlinkSync(outside, join(path, 'link'));
  await claimDirectory(root, HANDLE, 70_002);
  t.deepEqual(
    [path, join(path, 'deep', 'file'), outside, join(outside, 'file')].map((each) => statSync(each).uid),
    [70_002, 70_002, 0, 0],
  );
});

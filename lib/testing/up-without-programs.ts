import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';

/**
 * The command line on a machine that has not got some programs: `HIDDEN_PROGRAMS`, their names with blanks between. They are hidden in a
 * mount namespace of the daemon and of all that it starts; nobody else misses them.
 */
const SCRIPT = `set -e
mount -t tmpfs none /mnt
for directory in /usr/bin /usr/sbin; do
  mkdir -p "/mnt$directory/upper" "/mnt$directory/work"
  mount -t overlay overlay -o "lowerdir=$directory,upperdir=/mnt$directory/upper,workdir=/mnt$directory/work" "$directory"
  for name in $HIDDEN_PROGRAMS; do rm -f "$directory/$name"; done
done
umount -l /mnt
# npm's directories have a program of the name nft, too.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec "$@"`;

const pintle = join(dirname(dirname(import.meta.dirname)), 'cmd', 'pintle.ts');
assert(process.execve !== undefined, 'this Node cannot become another program');
const unshare = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', SCRIPT, 'sh'];
process.execve(
  '/usr/bin/unshare',
  [...unshare, process.execPath, pintle, ...process.argv.slice(2)],
  process.env,
);

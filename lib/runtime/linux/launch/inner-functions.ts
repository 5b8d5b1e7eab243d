/**
 * What mounts below `root`, the directory at the start, which the container has at `base`. Other containers of the pod may be
 * changing volumes that are mounted already, so no path is looked up twice: a directory is gone into name by name, and is what it is
 * from then on; what is mounted in such a place is made elsewhere, and moved there whole.
 */
export const INNER_FUNCTIONS = `root=$PWD base= stage=\${PWD%/*}/stage count=0
fail() { printf '%s\\n' "$1" >&2; exit 1; }
# Into the directory $name, made if $1 is make. A link may have taken its place: that is seen when we are there.
into() {
  if [ ! -d "./$name" ]; then
    if [ "$1" = find ]; then return 1; fi
    mkdir "./$name" || exit 1
  fi
  cd -P "./$name" || return 1
  case $PWD/ in "$root"/*) ;; *) fail 'a path led out of the container while it was mounted' ;; esac
  name=.
}
# Into the directory of path $2, whose last name is then $name: . where it is that directory. Links lead nowhere else.
reach() {
  cd -P "$root" || exit 1
  name=. rest=$2 hops=0
  while [ -n "$rest" ]; do
    part=\${rest%%/*}
    case $rest in */*) rest=\${rest#*/} ;; *) rest= ;; esac
    case $part in '' | .) continue ;; esac
    if [ "$name" != . ]; then into "$1" || return 1; fi
    if [ "$part" = .. ]; then
      if [ "$PWD" != "$root" ]; then cd -P .. || return 1
      elif [ -n "$base" ]; then fail "a path leads out of its volume: $base$2"; fi
      case $PWD/ in "$root"/*) ;; *) fail 'a path led out of the container while it was mounted' ;; esac
    elif [ -L "./$part" ]; then
      hops=$((hops + 1))
      if [ "$hops" -gt 40 ]; then
        if [ "$1" = find ]; then return 1; fi
        fail "too many links: $2"
      fi
      link=$(readlink "./$part") || return 1
      case $link in
        "$base" | "$base"/*) cd -P "$root" || exit 1; link=\${link#"$base"} ;;
        /*) fail "a link leads out of its volume: $base$2" ;;
      esac
      rest=$link/$rest
    else name=$part; fi
  done
}
# Whether others can change the directory we are in.
shared() {
  place=0
  while [ "$place" -lt "$count" ]; do
    eval "held=\\$held$place"
    case $PWD/ in "$held"/*) return 0 ;; esac
    place=$((place + 1))
  done
  return 1
}
attach() {
  if [ "$1" = bind ]; then mount -n -o "$3" "$2" "$4"; else mount -n -t "$1" -o "$3" "$2" "$4"; fi
}
# Makes what is mounted below $1 read-only too, through paths that others may be changing: at last it is looked whether all of it is.
deepen() (
  root=$1 base=
  while read -r id parent device top point options others; do
    point=$(printf %bx "$point")
    point=\${point%x}
    case $point in "$root"/*) ;; *) continue ;; esac
    reach find "\${point#"$root"}" || fail "a mount changed while it was made read-only: $point"
    at=./$name
    if [ -d "$at" ]; then
      into find
      at=.
    else
      exec 8<"$at"
      at=/proc/self/fd/8
    fi
    mount -n -c -o "remount,bind,ro\${options#r[ow]}" "$at"
    exec 8<&-
  done </proc/self/mountinfo
  while read -r id parent device top point options others; do
    point=$(printf %bx "$point")
    case \${point%x} in "$root"/*) ;; *) continue ;; esac
    case $options in ro | ro,*) ;; *) fail 'a mount changed while it was made read-only' ;; esac
  done </proc/self/mountinfo
)
# Mounts $2, of type $1, at path $3 with the options $4; read-only all the way down if $5 is deep.
put() {
  kind=directory
  if [ "$1" = bind ] && [ ! -d "$2" ]; then kind=file; fi
  reach make "$3"
  if [ "$name" = . ]; then
    if [ "$PWD" = "$root" ]; then fail "a mount would cover what it lies in: $3"; fi
    name=\${PWD##*/}
    cd -P ..
  fi
  at=./$name
  if shared; then
    mkdir -p "$stage/directory"
    : >>"$stage/file"
    if [ "$kind" = directory ]; then
      into make
      at=.
    else
      [ -e "$at" ] || { set -C; : >"$at"; set +C; }
      # To open it would be to wait for who writes to it.
      if [ -p "$at" ]; then fail "nothing is mounted on a pipe: $3"; fi
      exec 8<"$at"
      case $(readlink /proc/self/fd/8) in "$root"/*) ;; *) fail 'a path led out of the container while it was mounted' ;; esac
      at=/proc/self/fd/8
    fi
    attach "$1" "$2" "$4" "$stage/$kind"
    if [ "\${5-}" = deep ]; then deepen "$stage/$kind"; fi
    mount -n -c --move "$stage/$kind" "$at"
    exec 8<&-
  else
    if [ "$kind" = directory ]; then [ -d "$at" ] || mkdir "$at"; else [ -e "$at" ] || : >"$at"; fi
    attach "$1" "$2" "$4" "$at"
  fi
  if [ "$1" = bind ] && [ "$kind" = directory ]; then
    case $name in .) held=$PWD ;; *) held=$PWD/$name ;; esac
    eval "held$count=\\$held"
    count=$((count + 1))
  fi
}`;

/** Where the container's root is for those who go in. */
export const CONTAINER_ROOT = '/container';

/**
 * Leaves the machine's files: the root of all becomes one that has nothing but the container's, and the machine's programs, which
 * nobody can write to. For other processes of the container see who is on the way in: its root by /proc/PID/root, its program by
 * /proc/PID/exe.
 */
export const SEAL = `tools=\${root%/*}/tools
mkdir -p "$tools"
mount -n -t tmpfs -o mode=755,nosuid,nodev tools "$tools"
cd "$tools"
set --
for path in /usr /bin /sbin /lib /lib32 /lib64 /libx32; do
  if [ -L "$path" ]; then set -- "$@" "$path"
  elif [ -d "$path" ]; then
    mkdir ".$path"
    mount -n -o bind,ro,nosuid "$path" ".$path"
  fi
done
if [ "$#" -gt 0 ]; then cp -P "$@" .; fi
mkdir container old
ln -s old/proc proc
mount -n --move "$root" container
mount -n -o remount,ro,bind "$tools"
PATH=$PATH:/usr/sbin:/sbin pivot_root . old
cd /
umount -n -l /old`;

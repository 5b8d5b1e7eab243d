import type { ContainerSecurity } from '../../container-security.ts';
import type { StartRefusal } from '../../driver.ts';

/** Who a program runs as. `groups`: all it is in, its first group too. */
export type ContainerUser = {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** From the image's /etc/passwd; `/` where it says nothing. */
  readonly home: string;
};

export type UserVerdict =
  | { readonly ok: true; readonly user: ContainerUser }
  | { readonly ok: false; readonly refusal: StartRefusal };

type Account = { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string };
type Group = { readonly name: string; readonly gid: number; readonly members: readonly string[] };

/** The largest id there is: one above means "leave it as it is" to the kernel. */
const ID_MAX = 2 ** 32 - 2;

function idOf(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return null;
  const id = Number(text);
  return id <= ID_MAX ? id : null;
}

/** Lines that are not accounts are passed over. Source: passwd(5). */
function accountsOf(passwd: string): readonly Account[] {
  return passwd.split('\n').flatMap((line) => {
    const [name = '', , uidText, gidText, , home = ''] = line.split(':');
    const [uid, gid] = [idOf(uidText), idOf(gidText)];
    return name === '' || uid === null || gid === null ? [] : [{ name, uid, gid, home }];
  });
}

/** Source: group(5). */
function groupsOf(group: string): readonly Group[] {
  return group.split('\n').flatMap((line) => {
    const [name = '', , gidText, members = ''] = line.split(':');
    const gid = idOf(gidText);
    return name === '' || gid === null ? [] : [{ name, gid, members: members.split(',') }];
  });
}

/**
 * The user of a container: its runAsUser and runAsGroup, else the image's `user[:group]`, names looked up in the image's own
 * files. A user who is not in them has group 0. Source: the CRI's LinuxContainerSecurityContext, OCI image spec `User`, kubelet
 * verifyRunAsNonRoot.
 * @param files  the texts of the image's /etc/passwd and /etc/group, bounded by the caller; '' where it has none
 */
export function containerUser(
  security: ContainerSecurity,
  imageUser: string,
  files: { readonly passwd: string; readonly group: string },
): UserVerdict {
  const [userText = '', groupText = ''] = imageUser.split(':');
  const broken = nonRootRefusal(security, userText);
  if (broken !== null)
    return { ok: false, refusal: { reason: 'CreateContainerConfigError', message: broken } };
  const accounts = accountsOf(files.passwd);
  const groups = groupsOf(files.group);
  const uid = security.runAsUser ?? idOf(userText === '' ? '0' : userText);
  const account = accounts.find((one) => (uid === null ? one.name === userText : one.uid === uid));
  if (uid === null && account === undefined) {
    return unknown(`The image's user ${JSON.stringify(userText)} is not in its /etc/passwd.`);
  }
  const ofImage = security.runAsUser === null && groupText !== '' ? groupText : null;
  const gid =
    security.runAsGroup ?? groupNumber(ofImage, groups) ?? (ofImage === null ? (account?.gid ?? 0) : null);
  if (gid === null)
    return unknown(`The image's group ${JSON.stringify(groupText)} is not in its /etc/group.`);
  const memberOf =
    security.supplementalGroupsPolicy === 'Strict' || account === undefined
      ? []
      : groups.filter(({ members }) => members.includes(account.name)).map((group) => group.gid);
  return {
    ok: true,
    user: {
      uid: uid ?? account?.uid ?? 0,
      gid,
      groups: [...new Set([gid, ...memberOf, ...security.supplementalGroups])],
      home: account?.home.startsWith('/') === true ? account.home : '/',
    },
  };
}

function groupNumber(text: string | null, groups: readonly Group[]): number | null {
  if (text === null) return null;
  return idOf(text) ?? groups.find(({ name }) => name === text)?.gid ?? null;
}

/** What is said of a container that is not to be root and would be, or might be; null: it will not be. */
function nonRootRefusal(security: ContainerSecurity, userText: string): string | null {
  if (!security.runAsNonRoot) return null;
  if (security.runAsUser !== null) {
    return security.runAsUser === 0 ? "container's runAsUser breaks non-root policy" : null;
  }
  const uid = userText === '' ? 0 : idOf(userText);
  if (uid === 0) return 'container has runAsNonRoot and image will run as root';
  if (uid !== null) return null;
  return `container has runAsNonRoot and image has non-numeric user (${userText}), cannot verify user is non-root`;
}

function unknown(message: string): UserVerdict {
  return { ok: false, refusal: { reason: 'CreateContainerError', message } };
}

/** Which system calls a container may make. `localhostProfile`: a path below the node's directory of profiles. */
export type SeccompChoice =
  | { readonly type: 'RuntimeDefault' }
  | { readonly type: 'Unconfined' }
  | { readonly type: 'Localhost'; readonly localhostProfile: string };

/**
 * What a container may do and who it is: its own securityContext over its pod's, defaults filled in. Sysctls and the group that
 * volumes belong to are the sandbox's.
 */
export type ContainerSecurity = {
  /** null: the image's. */
  readonly runAsUser: number | null;
  readonly runAsGroup: number | null;
  /** It is not to run as root, whoever the image says it is. */
  readonly runAsNonRoot: boolean;
  /** The pod's own; with fsGroup, which every process is a member of. */
  readonly supplementalGroups: readonly number[];
  /** Strict: the groups that the image gives its user are left out. */
  readonly supplementalGroupsPolicy: 'Merge' | 'Strict';
  /** As written: with or without `CAP_`, and `ALL`. */
  readonly capabilities: { readonly add: readonly string[]; readonly drop: readonly string[] };
  readonly privileged: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly allowPrivilegeEscalation: boolean;
  readonly seccompProfile: SeccompChoice;
  readonly procMount: 'Default' | 'Unmasked';
};

/** What one container asks for, and what it may have at most. null: it says nothing of it. */
export type ContainerResources = {
  readonly cpuRequestMillis: number | null;
  readonly cpuLimitMillis: number | null;
  readonly memoryRequestBytes: number | null;
  readonly memoryLimitBytes: number | null;
  readonly hugepages?: readonly { readonly pageBytes: number; readonly limitBytes: number }[];
};

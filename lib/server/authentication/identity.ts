/** Who asks, as authentication found out. Source: authentication.k8s.io UserInfo. */
export type Identity = {
  readonly user: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
};

export const AUTHENTICATED = 'system:authenticated';
export const UNAUTHENTICATED = 'system:unauthenticated';
export const MASTERS = 'system:masters';

/** Somebody without credentials. */
export const anonymous: Identity = { user: 'system:anonymous', groups: [UNAUTHENTICATED] };

/** Counts up with every change of the proxy's messages or behaviour; see companion-server.ts for what follows from it. */
export const PROXY_REVISION = 3;
/** The oldest daemon this proxy still serves, and the oldest proxy a daemon of today can use. */
export const OLDEST_CALLER = 1;
export const OLDEST_PROXY = 1;

/** set-table ProxyState → {failures: ListenFailure[], carrier: Carrier | null}; shut-down {}. The proxy tells `failures` {failures} when they change. */
export const proxyMethods = ['set-table', 'shut-down'] as const;

/** Counts up with every change of the agent's messages or behaviour; see companion-server.ts for what follows from it. */
export const AGENT_REVISION = 5;
/** The oldest daemon this agent still serves, and the oldest agent a daemon of today can use. */
export const OLDEST_CALLER = 1;
export const OLDEST_AGENT = 1;

/**
 * list {} → ContainerRecord[]; start {spec: LaunchSpec} → ContainerRecord; signal {id, signal}; remove {id};
 * end-pod {id: podUid, user}; resize {id, columns, rows}; shut-down {}; exec {id, argv, stdin, tty}, which makes the connection that command's.
 * The agent tells `changed` {id} on every other connection.
 */
export const agentMethods = [
  'list',
  'start',
  'signal',
  'remove',
  'end-pod',
  'resize',
  'shut-down',
  'exec',
] as const;
export type AgentMethod = (typeof agentMethods)[number];

export const SIGNALS = ['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGQUIT'] as const;
export type SignalName = (typeof SIGNALS)[number];

/** One way to have a pod on this machine: its own network, root and limits. Every name is used once. */
export type PodRunner = {
  readonly name: string;
  /** What comes before it starts and is not measured. */
  prepare?(pod: string): Promise<void>;
  /** Until the first line of its program's output is there. */
  up(pod: string): Promise<void>;
  /** Until nothing of it is left. */
  down(pod: string): Promise<void>;
  /** Processes that serve pods while there are some: their names, and their resident memory in megabytes. */
  memory(): Readonly<Record<string, number>>;
  close(): Promise<void>;
};

/** What every runner's pod is: this program, with these limits. */
export const podProgram = {
  argv: (written: string) => ['/bin/busybox', 'sh', '-c', `${written}; exec /bin/busybox sleep 1000`],
  cpuMillis: 500,
  memoryBytes: 64 * 1024 * 1024,
} as const;

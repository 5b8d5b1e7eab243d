/** Exit codes of every command (design, the command line). */
export const exitCodes = {
  /** Done, clean, nothing to change. */
  ok: 0,
  /** Problems found, or it failed. */
  failed: 1,
  /** Only `plan --exit-code`: there are changes. */
  changes: 2,
  usage: 64,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

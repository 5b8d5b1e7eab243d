export function installOnce(root: string, say: (text: string) => void): Promise<number>;
export function isWhole(lockfile: unknown, installed: unknown): boolean;
export function takeLock(
  lock: string,
  options: { readonly until: () => boolean; readonly say: (text: string) => void },
): Promise<boolean>;

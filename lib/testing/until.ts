/**
 * Waits for a condition of the real world, polling; fails with `what` after `deadlineMs`. `everyMs`: where looking starts a program, longer
 * than it takes otherwise: a busy wait keeps others from what is waited for.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  options: { readonly what: string; readonly deadlineMs?: number; readonly everyMs?: number },
): Promise<void> {
  const deadlineMs = options.deadlineMs ?? 60_000;
  const startedMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedMs > deadlineMs) throw new Error(`waited in vain: ${options.what}`);
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 5));
  }
}

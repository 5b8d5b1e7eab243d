/** Waits for a condition of the real world, polling; fails with `what` after `deadlineMs`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  options: { readonly what: string; readonly deadlineMs?: number },
): Promise<void> {
  const deadlineMs = options.deadlineMs ?? 20_000;
  const startedMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedMs > deadlineMs) throw new Error(`waited in vain: ${options.what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

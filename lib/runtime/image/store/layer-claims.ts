import type { LayerClaim } from '../work/image-job.ts';

/**
 * Who makes which layer: of jobs that want the same one, the first makes it and the others wait. A job has one claim at a time, and layers
 * are claimed lowest first, so that no two wait for each other. What a job has seen to be there stays until the job is over.
 */
export class LayerClaims {
  readonly #making = new Map<
    string,
    { readonly job: number; readonly directory: string; readonly over: PromiseWithResolvers<void> }
  >();
  readonly #held = new Map<number, Set<string>>();

  /** `existing`: where the layer is, if it is there; `make`: a new directory for it. */
  async claim(
    job: number,
    chainId: string,
    { existing, make }: { existing(): string | null; make(): Promise<string> },
  ): Promise<LayerClaim> {
    for (;;) {
      const there = existing();
      if (there !== null) {
        this.#hold(job, chainId);
        return { directory: there, isThere: true };
      }
      const other = this.#making.get(chainId);
      if (other === undefined) break;
      await other.over.promise;
    }
    const over = Promise.withResolvers<void>();
    const claim = { job, directory: '', over };
    this.#making.set(chainId, claim);
    try {
      const directory = await make();
      this.#making.set(chainId, { ...claim, directory });
      return { directory, isThere: false };
    } catch (thrown) {
      this.#end(chainId);
      throw thrown;
    }
  }

  /** Where a job makes a layer; null: it does not. */
  directoryOf(job: number, chainId: string): string | null {
    const claim = this.#making.get(chainId);
    return claim?.job === job && claim.directory !== '' ? claim.directory : null;
  }

  made(job: number, chainId: string): void {
    this.#hold(job, chainId);
    this.#end(chainId);
  }

  /** An image has what the job held. */
  letGo(job: number): void {
    this.#held.delete(job);
  }

  /** The job is over. Returns the directories of what it did not finish. */
  release(job: number): readonly string[] {
    this.#held.delete(job);
    const left = [...this.#making].filter(([, claim]) => claim.job === job);
    for (const [chainId] of left) this.#end(chainId);
    return left.flatMap(([, { directory }]) => (directory === '' ? [] : [directory]));
  }

  isHeld(chainId: string): boolean {
    return [...this.#held.values()].some((held) => held.has(chainId));
  }

  #hold(job: number, chainId: string): void {
    const held = this.#held.get(job) ?? new Set();
    this.#held.set(job, held.add(chainId));
  }

  #end(chainId: string): void {
    this.#making.get(chainId)?.over.resolve();
    this.#making.delete(chainId);
  }
}

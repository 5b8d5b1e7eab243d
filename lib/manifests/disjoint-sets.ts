/** Union-find over 0..size-1 with path halving and union by size: nearly constant time a call. */
export class DisjointSets {
  readonly #parent: Int32Array;
  readonly #size: Int32Array;

  constructor(size: number) {
    this.#parent = Int32Array.from({ length: size }, (_, at) => at);
    this.#size = new Int32Array(size).fill(1);
  }

  rootOf(member: number): number {
    let at = member;
    for (;;) {
      const parent = this.#parent[at] ?? at;
      if (parent === at) return at;
      const above = this.#parent[parent] ?? parent;
      this.#parent[at] = above;
      at = above;
    }
  }

  join(a: number, b: number): void {
    const left = this.rootOf(a);
    const right = this.rootOf(b);
    if (left === right) return;
    const leftSize = this.#size[left] ?? 1;
    const rightSize = this.#size[right] ?? 1;
    const [small, large] = leftSize < rightSize ? [left, right] : [right, left];
    this.#parent[small] = large;
    this.#size[large] = leftSize + rightSize;
  }
}

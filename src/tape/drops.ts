/** How many drops are remembered. */
const MOST = 64;

/** Rows that were dropped together. */
interface Drop {
  /** The generation of the tape at the time. */
  readonly generation: number;
  /** All rows from here on are gone, or all but those marked, which are counted from here. */
  readonly mark: number;
  readonly stays: Uint8Array | null;
  /** What dropped them. */
  readonly call: string;
}

/** What has dropped rows lately, to tell whoever uses one of them. */
export class Drops {
  readonly #drops: Drop[] = [];
  #next = 0;

  /** Notes that a call has dropped all rows from a mark on, but for those that are marked. */
  add(generation: number, mark: number, call: string, stays: Uint8Array | null = null): void {
    this.#drops[this.#next] = { generation, mark, call, stays };
    this.#next = (this.#next + 1) % MOST;
  }

  /** The call that dropped a row which was recorded in a generation; undefined if that was long ago. */
  find(row: number, stamp: number): string | undefined {
    const count = this.#drops.length;
    for (let i = 0; i < count; i++) {
      const { generation, mark, call, stays } = this.#drops[(this.#next + i) % count]!;
      if (generation >= stamp && row >= mark && stays?.[row - mark] !== 1) return call;
    }
    return undefined;
  }
}

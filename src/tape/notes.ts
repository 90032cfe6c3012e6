/** What a tape remembers besides its rows. */
import type { Group } from "./types.ts";

/** What people want to read of a tape besides its rows: names of rows in between, and which functions recorded them. */
export class Notes {
  /** The names of rows, but for leaves, which have theirs beside them. */
  readonly names: Map<number, string> = new Map();
  /** The rows that one function has recorded together, ascending by their ends. */
  readonly groups: Group[] = [];

  /** Forgets what is noted of rows from `mark` on. */
  rewind(mark: number): void {
    while (this.groups.length > 0 && this.groups.at(-1)!.end > mark) this.groups.pop();
    if (this.names.size === 0) return;
    for (const row of this.names.keys()) if (row >= mark) this.names.delete(row);
  }
}

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

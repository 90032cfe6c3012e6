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

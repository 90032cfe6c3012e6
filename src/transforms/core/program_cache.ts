/** Something that holds memory until it is released. */
export interface Releasable {
  /** Gives the memory back. */
  release(): void;
}

/** A bounded number of programs by key: the one not used for longest goes, and gives its memory back. */
export class ProgramCache<P extends Releasable> {
  readonly #size: number;
  readonly #programs = new Map<string, P>();
  #latest: string | undefined;

  /** Keeps up to `size` programs. */
  constructor(size: number) {
    this.#size = size;
  }

  /** The program of a key, which counts as used now. */
  get(key: string): P | undefined {
    const program = this.#programs.get(key);
    if (program !== undefined && key !== this.#latest) this.#put(key, program);
    return program;
  }

  /** Keeps a program. */
  add(key: string, program: P): void {
    const before = this.#programs.get(key);
    if (before !== program) before?.release();
    this.#put(key, program);
    if (this.#programs.size <= this.#size) return;
    const [oldest, dropped] = this.#programs.entries().next().value!;
    this.#programs.delete(oldest);
    dropped.release();
  }

  #put(key: string, program: P): void {
    this.#programs.delete(key);
    this.#programs.set(key, program);
    this.#latest = key;
  }

  /** All programs, the one not used for longest first. */
  values(): readonly P[] {
    return [...this.#programs.values()];
  }

  /** Releases all programs. */
  clear(): void {
    for (const program of this.#programs.values()) program.release();
    this.#programs.clear();
    this.#latest = undefined;
  }
}

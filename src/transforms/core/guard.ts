import { message } from "../../_internal/message.ts";
import { findDependences, INNER, type ReadGuard, tape } from "../../tape/mod.ts";

/** A Variable that is read, as the tape sees it. */
export interface ReadVariable {
  /** Its row, -1 for a trainable Variable that is not on the tape yet. */
  readonly row: number;
  /** The generation of that row. */
  readonly stamp: number;
}

/** How a function is recorded of which the recording is to serve for other values too. */
export interface TraceOptions {
  /** The transform, for messages. */
  readonly where: string;
  /** The rows of the inputs that take other values; null if trainable Variables do so too. */
  readonly inputs: readonly number[] | null;
  /**
   * What is done when a value that differs is read; by default that is an error.
   *
   * @returns Whether the read is allowed
   */
  readonly onRead?: (variable: ReadVariable, how: string) => boolean;
  /** Whether what is recorded will run for many examples at once; false by default. */
  readonly isBatched?: boolean;
  /** What is done when a Variable is changed; by default that is an error. */
  readonly onWrite?: (how: string) => void;
}

/** Records a function for other values too: reading a value that depends on them is for the options to allow. */
export function guarded<R>(options: TraceOptions, run: () => R): R {
  return tape.scope({ guard: new TraceGuard(options, tape.guard) }, run);
}

class TraceGuard implements ReadGuard {
  readonly #options: TraceOptions;
  readonly #inputs: ReadonlySet<number>;
  readonly #mark: number;
  readonly #generation: number = tape.generation;
  readonly #outer: ReadGuard | null;

  constructor(options: TraceOptions, outer: ReadGuard | null) {
    this.#options = options;
    this.#inputs = new Set(options.inputs);
    this.#mark = Math.min(tape.length, ...this.#inputs);
    this.#outer = outer;
  }

  get isBatched(): boolean {
    return this.#options.isBatched ?? false;
  }

  read(variable: ReadVariable, how: string): void {
    const { where, onRead } = this.#options;
    if (!this.#differs(variable)) {
      this.#outer?.read(variable, how);
      return;
    }
    if (onRead?.(variable, how)) return;
    throw new TypeError(
      message`Cannot read ${how} inside ${where}: the value depends on its input,
      of which there are many; use operations on Variables, such as where(condition, a, b) for a branch`,
    );
  }

  write(how: string): void {
    const { where, onWrite } = this.#options;
    onWrite?.(how);
    throw new TypeError(
      message`Cannot call ${how} inside ${where}: it would run once, while recording, and not for each
      of the values; return the new value, and call ${how} outside with it`,
    );
  }

  #differs({ row, stamp }: ReadVariable): boolean {
    if (this.#options.inputs === null) return true;
    if (row < 0) return false;
    const isStale = row >= tape.length || tape.stamps[row] !== stamp;
    // Of a row that has been dropped in the meantime nobody knows what it depended on.
    return isStale ? stamp >= this.#generation : this.#dependsOnInputs(row);
  }

  #dependsOnInputs(row: number): boolean {
    const mark = this.#mark;
    return row >= mark && (findDependences(tape, mark, row + 1, this.#inputs)[row - mark]! & INNER) !== 0;
  }
}

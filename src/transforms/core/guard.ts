import { message } from "../../_internal/message.ts";
import { type ReadGuard, tape } from "../../tape/mod.ts";

/**
 * Runs a function of which the recording is to serve for other inputs too: reading a value that depends on
 * them is an error, as the number read would be that of one input only.
 *
 * @param where The transform, for messages
 * @param inputs The rows of the inputs, all of them of the current frame
 */
export function guarded<R>(where: string, inputs: readonly number[], run: () => R): R {
  const outer = tape.guard;
  tape.guard = new InputGuard(where, inputs, outer);
  try {
    return run();
  } finally {
    tape.guard = outer;
  }
}

class InputGuard implements ReadGuard {
  readonly #where: string;
  readonly #inputs: ReadonlySet<number>;
  readonly #mark: number;
  readonly #generation: number = tape.generation;
  readonly #outer: ReadGuard | null;

  constructor(where: string, inputs: readonly number[], outer: ReadGuard | null) {
    this.#where = where;
    this.#inputs = new Set(inputs);
    this.#mark = Math.min(tape.length, ...inputs);
    this.#outer = outer;
  }

  read(variable: { readonly row: number; readonly stamp: number }, how: string): void {
    const { row, stamp } = variable;
    const isStale = row >= tape.length || tape.stamps[row] !== stamp;
    // Of a row that has been dropped in the meantime nobody knows what it depended on.
    const depends = isStale ? stamp >= this.#generation : this.#depends(row);
    if (depends) {
      throw new TypeError(
        message`Cannot read ${how} inside ${this.#where}: the value depends on its input,
        of which there are many; use operations on Variables, such as where(condition, a, b) for a branch`,
      );
    }
    this.#outer?.read(variable, how);
  }

  #depends(row: number): boolean {
    const mark = this.#mark;
    if (row < mark) return false;
    const flags = new Uint8Array(row + 1 - mark);
    for (let r = mark; r <= row; r++) {
      const isInput = this.#inputs.has(r);
      const follows = tape.operandsOf(r).some((operand) => operand >= mark && flags[operand - mark] === 1);
      if (isInput || follows) flags[r - mark] = 1;
    }
    return flags[row - mark] === 1;
  }
}

import { message } from "../../_internal/message.ts";
import type { CompiledGraph } from "../../compiler/mod.ts";
import type { Tree, Variable } from "../../variable/mod.ts";

/** A branch that was taken on a value while recording. */
export interface Branch {
  /** Which output of the program holds the value. */
  readonly output: number;
  /** Whether it was not 0. */
  readonly taken: boolean;
}

/** One way through the function: a program and what it hands back. */
export interface Path {
  /** The branches that lead this way; the program's last outputs. */
  readonly branches: readonly Branch[];
  readonly program: CompiledGraph;
  /** Trainable Variables that the function reads beside its arguments; their values follow the arguments. */
  readonly captured: readonly Variable[];
  /** What the function returned, with numbers of outputs in place of Variables. */
  readonly result: Tree<unknown>;
}

/** Stands for an output in {@linkcode Path.result}. */
export class OutputSlot {
  constructor(readonly index: number) {}
}

/** Programs by signature, for each one or more paths; drops the signature not used for longest. */
export class Cache {
  readonly #size: number;
  readonly #paths = new Map<string, Path[]>();
  #lastKey: string | undefined;

  constructor(size: number) {
    if (!(Number.isInteger(size) && size >= 1)) {
      throw new RangeError(message`Cannot compile with cacheSize ${size}: use an integer of at least 1`);
    }
    this.#size = size;
  }

  get(key: string): readonly Path[] | undefined {
    const paths = this.#paths.get(key);
    if (paths !== undefined && key !== this.#lastKey) {
      this.#paths.delete(key);
      this.#paths.set(key, paths);
      this.#lastKey = key;
    }
    return paths;
  }

  add(key: string, path: Path): void {
    const paths = this.#paths.get(key);
    if (paths !== undefined) {
      // A function with ever new paths, such as a loop until something converges, keeps the latest.
      if (paths.length >= this.#size) paths.pop()!.program.release();
      paths.unshift(path);
      return;
    }
    this.#paths.set(key, [path]);
    this.#lastKey = key;
    if (this.#paths.size <= this.#size) return;
    const [oldest, dropped] = this.#paths.entries().next().value!;
    this.#paths.delete(oldest);
    for (const { program } of dropped) program.release();
  }

  clear(): void {
    for (const { program } of this.paths()) program.release();
    this.#paths.clear();
    this.#lastKey = undefined;
  }

  paths(): readonly Path[] {
    return [...this.#paths.values()].flat();
  }
}

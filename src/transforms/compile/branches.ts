import type { Value } from "../../array/value.ts";
import type { Blas, CompiledGraph, Graph } from "../../compiler/mod.ts";
import { numberOf } from "../../primitives/mod.ts";
import type { Tree, Variable } from "../../variable/mod.ts";
import { ProgramCache, type Releasable } from "../core/program_cache.ts";

/** A branch that was taken on a value while recording. */
export interface Decision {
  /** Which output of the program holds the value. */
  readonly output: number;
  /** Whether it was not 0. */
  readonly taken: boolean;
}

/** One way through a function: a program and what it returns. */
export interface CompiledBranch {
  /** The decisions that lead this way, in the order they were taken; the program's last outputs. */
  readonly decisions: readonly Decision[];
  readonly program: CompiledGraph;
  /** What the program computes, without the decisions. */
  readonly graph: Graph;
  /** What computes its large products, if not the kernels; the same for derivatives. */
  readonly blas: Blas | null;
  /** Trainable Variables that the function reads beside its arguments; their values follow the arguments. */
  readonly captured: readonly Variable[];
  /** What the function returned, with numbers of outputs in place of Variables. */
  readonly result: Tree<unknown>;
}

/** Stands for an output in {@linkcode CompiledBranch.result}. */
export class OutputSlot {
  /** Holds the number of the output. */
  constructor(readonly index: number) {}
}

/** A program that has run on the arguments of a call, and took the branches that they take. */
export interface MatchingRun {
  readonly branch: CompiledBranch;
  readonly values: readonly Value[];
}

/** A branch with its place among the kept ones. */
interface KeptBranch extends Releasable {
  readonly key: string;
  readonly id: string;
  readonly branch: CompiledBranch;
}

/** A bounded number of programs, by signature and by the branches they take; the one not used for longest goes. */
export class BranchCache {
  readonly #programs: ProgramCache<KeptBranch>;
  readonly #bySignature = new Map<string, KeptBranch[]>();
  #next = 0;

  /** Keeps up to `size` programs. */
  constructor(size: number) {
    this.#programs = new ProgramCache(size);
  }

  /**
   * Finds the program for the arguments of a call. A program that takes another branch tells which decisions the
   * call takes up to there, so that only programs with the same ones need to run.
   *
   * @param run Runs a program on the arguments
   */
  find(key: string, run: (branch: CompiledBranch) => readonly Value[]): MatchingRun | undefined {
    let candidates: readonly KeptBranch[] = this.#bySignature.get(key) ?? [];
    let next: KeptBranch | undefined = candidates[0];
    while (next !== undefined) {
      const { branch } = next;
      const values = run(branch);
      const differs = firstDifference(branch.decisions, values);
      if (differs < 0) {
        this.#use(next);
        return { branch, values };
      }
      candidates = candidates.filter((other) => branchesMatch(branch, other.branch, differs));
      next = deepest(candidates);
    }
    return undefined;
  }

  /** The program for a signature if it serves all its calls, as the function takes no branch. */
  findUnconditional(key: string): CompiledBranch | undefined {
    const branch = this.#bySignature.get(key)?.[0]?.branch;
    return branch?.decisions.length === 0 ? branch : undefined;
  }

  /** Keeps a program. */
  add(key: string, branch: CompiledBranch): void {
    const id = `${this.#next++}`;
    const kept: KeptBranch = { key, id, branch, release: () => this.#release(kept) };
    const list = this.#bySignature.get(key);
    if (list === undefined) this.#bySignature.set(key, [kept]);
    else list.unshift(kept);
    this.#programs.add(id, kept);
  }

  #use(kept: KeptBranch): void {
    this.#programs.get(kept.id);
    const list = this.#bySignature.get(kept.key)!;
    if (list[0] !== kept) list.unshift(...list.splice(list.indexOf(kept), 1));
  }

  #release(kept: KeptBranch): void {
    const list = this.#bySignature.get(kept.key)!;
    list.splice(list.indexOf(kept), 1);
    if (list.length === 0) this.#bySignature.delete(kept.key);
    kept.branch.program.release();
  }

  /** The programs, the one not used for longest first. */
  branches(): readonly CompiledBranch[] {
    return this.#programs.values().map(({ branch }) => branch);
  }

  /** Releases all programs. */
  clear(): void {
    this.#programs.clear();
  }
}

/** The first decision that the values take otherwise; -1 for none. */
function firstDifference(decisions: readonly Decision[], values: readonly Value[]): number {
  return decisions.findIndex(({ output, taken }) => (numberOf(values[output]!) !== 0) !== taken);
}

/** Whether another branch takes the same decisions as one before the last of some, and the opposite there. */
function branchesMatch({ decisions }: CompiledBranch, other: CompiledBranch, last: number): boolean {
  if (other.decisions.length <= last) return false;
  for (let i = 0; i < last; i++) if (other.decisions[i]!.taken !== decisions[i]!.taken) return false;
  return other.decisions[last]!.taken !== decisions[last]!.taken;
}

/** The branch with the most decisions, which tells most. */
function deepest(candidates: readonly KeptBranch[]): KeptBranch | undefined {
  let found = candidates[0];
  for (const next of candidates) {
    if (next.branch.decisions.length > found!.branch.decisions.length) found = next;
  }
  return found;
}

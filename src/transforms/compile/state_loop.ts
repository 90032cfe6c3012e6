/** A compiled function called again and again, with a state that stays in the memory of its programs. */
import { readFunction } from "../../_internal/readers/mod.ts";
import { plainValue } from "../../variable/rows.ts";
import { message } from "../../_internal/message.ts";
import { isNode } from "../../_internal/containers.ts";
import type { DType } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import type { Value } from "../../array/value.ts";
import { sameShape, SCALAR, type Shape } from "../../array/shape.ts";
import { type DonatedSlot, ResidentArray } from "../../compiler/mod.ts";
import { tape } from "../../tape/mod.ts";
import { mapTree, type Tree, Variable } from "../../variable/mod.ts";
import { untracked } from "../../variable/variable.ts";
import { isLeaf } from "../core/arguments.ts";
import { type ArgumentForm, formOf, type LeafReader, readAs } from "./repeated_call.ts";
import { type Call, type DynamicLeaf, readCall } from "./call.ts";
import { type CompiledBranch, type MatchingRun, OutputSlot } from "./branches.ts";
import { holdsTracked, linkToLoop, makePacker, type Packer } from "./results.ts";

/** A compiled function with a state that stays in its memory, made by `compiled.loop(state, …)`. */
export interface StateLoop<S, A extends readonly unknown[], R> {
  /**
   * Runs the function on the state and these arguments; its first result is the new state.
   *
   * @param args The arguments after the state
   * @returns The results after the state
   * @throws {TypeError} If the first result is not like the state, or another function is being transformed
   */
  next(...args: A): R;
  /** The state, as a call would have returned it. It stays readable; the next step pays a copy for that. */
  state(): S;
  /**
   * Lends the state to a function without a copy, to evaluate it for example. When the function returns, what
   * it has not read of the state can't be read any more.
   *
   * @param f Gets the state; what it returns is returned
   */
  withState<T>(f: (state: S) => T): T;
}

/** What a loop needs of the compiled function. */
export interface LoopPrograms {
  /** The compiled function: as long as somebody holds it, its programs stay. */
  readonly owner: unknown;
  readonly statics: ReadonlySet<number>;
  /** Runs a call in the program that serves it, which is compiled if need be. */
  run(call: Call, args: readonly unknown[], isOwner: boolean): MatchingRun;
}

/** A program that the loop has run, and what calls it serves. */
interface KnownStep {
  readonly branch: CompiledBranch;
  readonly resultForm: Call["resultForm"];
  readonly forms: readonly ArgumentForm[];
  /** For each leaf of the state the result that follows it, or its value if that is a plain number. */
  readonly nextState: readonly (OutputSlot | number)[];
  /** Packs each of the results after the state. */
  readonly rest: readonly Packer[];
}

/** How many signatures a loop recognizes without reading all arguments: whole batches, and the last one. */
const MOST_KNOWN = 4;

class ProgramLoop implements StateLoop<unknown, readonly unknown[], readonly unknown[]> {
  readonly #programs: LoopPrograms;
  /** The structure of the state. */
  readonly #template: Tree<unknown>;
  /** The state before the first step. */
  #start: unknown;
  #values: Value[];
  #known: KnownStep[] = [];
  /** Whether the arrays of the state are known to nobody else. */
  #isOwner = false;
  #last: KnownStep | undefined;

  constructor(programs: LoopPrograms, state: unknown) {
    this.#programs = programs;
    this.#start = state;
    this.#values = readCall([state], new Set()).leaves.map(({ value }) => value);
    this.#template = mapTree(
      state as Tree<unknown>,
      (leaf) => isStateLeaf(leaf) ? leafOf(leaf) : leaf,
      isLeaf,
    );
  }

  next(...args: readonly unknown[]): readonly unknown[] {
    if (tape.depth > 0) {
      throw new TypeError(
        "Cannot take a step of a compiled loop inside another transform: call the compiled function there",
      );
    }
    if (!this.#isOwner && this.#last !== undefined) this.#reclaim();
    const reader: LeafReader = { values: this.#values.slice(), hasTracked: false };
    const known = this.#known.find(({ branch, forms }) => {
      reader.values.length = this.#values.length;
      reader.hasTracked = false;
      return !branch.program.isReleased && args.length === forms.length &&
        forms.every((form, i) => readAs(form, args[i], reader));
    });
    return known === undefined ? this.#firstStep(args) : this.#step(known, reader, args);
  }

  /** A step with arguments like those of one before. */
  #step(known: KnownStep, reader: LeafReader, args: readonly unknown[]): readonly unknown[] {
    const { branch, nextState, rest } = known;
    const inputs = reader.values;
    if (branch.decisions.length > 0) return this.#firstStep(args);
    for (const x of branch.captured) inputs.push(plainValue(x));
    const results = branch.program.run(inputs, this.#isOwner);
    for (let i = 0; i < nextState.length; i++) {
      const next = nextState[i]!;
      this.#values[i] = typeof next === "number" ? next : results[next.index]!;
    }
    this.#isOwner = true;
    this.#last = known;
    const link = linkToLoop(branch, reader.hasTracked);
    return rest.map((pack) => pack(results, link));
  }

  /** A step that finds its program by the whole call. */
  #firstStep(args: readonly unknown[]): readonly unknown[] {
    const given = [this.#last === undefined ? this.#start : this.#likeStart(), ...args];
    const read = readCall(given, this.#programs.statics);
    const leaves = read.leaves.map((leaf, i): DynamicLeaf =>
      i < this.#values.length ? { ...leaf, value: this.#values[i]! } : leaf
    );
    const call = { ...read, leaves };
    const { branch, values } = this.#programs.run(call, given, this.#isOwner);
    const forms = args.map((arg, i) => formOf(arg, this.#programs.statics.has(i + 1)));
    const known = { branch, resultForm: call.resultForm, forms, ...this.#split(branch, call.resultForm) };
    // A function that branches on values may take another one next time.
    if (branch.decisions.length === 0) this.#known = [known, ...this.#known].slice(0, MOST_KNOWN);
    this.#values = known.nextState.map((next) => typeof next === "number" ? next : values[next.index]!);
    this.#isOwner = true;
    this.#last = known;
    this.#start = undefined;
    const link = linkToLoop(branch, args.some(holdsTracked));
    return known.rest.map((pack) => pack(values, link));
  }

  state(): unknown {
    this.#isOwner = false;
    return this.#pack();
  }

  withState<T>(f: (state: unknown) => T): T {
    readFunction("withState", "what the state is lent to", f);
    if (!this.#isOwner && this.#last !== undefined) this.#reclaim();
    try {
      return f(this.#pack());
    } finally {
      if (this.#last !== undefined) this.#renew((slot) => slot.takeOver());
    }
  }

  #pack(): unknown {
    if (this.#last === undefined) return this.#start;
    const { branch, resultForm } = this.#last;
    const first = (branch.result as readonly Tree<unknown>[])[0]!;
    let next = 0;
    const values: Value[] = [];
    mapTree(first, (leaf) => {
      if (leaf instanceof OutputSlot) values[leaf.index] = this.#values[next++]!;
      else if (typeof leaf === "number") next++;
    });
    return makePacker(branch, resultForm, first)(values, null);
  }

  /** The state with leaves of the kinds that it was given with. */
  #likeStart(): unknown {
    let next = 0;
    return mapTree(this.#template, (leaf) => {
      if (!(leaf instanceof StateLeaf)) return leaf;
      const value = this.#values[next++]!;
      if (leaf.kind === "variable") return untracked(value, leaf.dtype);
      if (typeof value === "number") return value;
      return leaf.kind === "array" ? value : leaf.kind === "typed" ? value.data : value.toNested();
    });
  }

  /** Leaves the arrays that others have to them, and goes on with the places these stand in. */
  #reclaim(): void {
    this.#renew((slot) => slot.vacate());
    this.#isOwner = true;
  }

  /** Makes new arrays of the places that the state stands in, once the old ones are dealt with. */
  #renew(part: (slot: DonatedSlot) => void): void {
    this.#values = this.#values.map((value) => {
      if (!(value instanceof ResidentArray) || value.slot.holder !== value) return value;
      part(value.slot);
      return value.slot.handOut();
    });
  }

  /** What follows each leaf of the state, and the other results. */
  #split(branch: CompiledBranch, form: Call["resultForm"]): Pick<KnownStep, "nextState" | "rest"> {
    if (!Array.isArray(branch.result)) {
      throw new TypeError("Cannot loop: the function must return a list, [state, ...results]");
    }
    const [first, ...rest] = branch.result as readonly Tree<unknown>[];
    const nextState: (OutputSlot | number)[] = [];
    const visit = (state: unknown, next: unknown, name: string): void => {
      if (state instanceof StateLeaf) {
        if (!(next instanceof OutputSlot || typeof next === "number")) throw unlike(name);
        checkSuccessor(name, state, next, branch);
        nextState.push(next);
      } else if (isNode(state)) {
        const [names, others] = [Object.keys(state), isNode(next) ? Object.keys(next) : []];
        if (!isNode(next) || names.length !== others.length || names.some((key, i) => key !== others[i])) {
          throw unlike(name);
        }
        const of = (tree: unknown, key: string): unknown => (tree as Record<string, unknown>)[key];
        for (const key of names) visit(of(state, key), of(next, key), `${name}.${key}`);
      } else if (!Object.is(state, next)) throw unlike(name);
    };
    visit(this.#template, first, "state");
    return { nextState, rest: rest.map((part) => makePacker(branch, form, part)) };
  }
}

/** Stands for a leaf of the state. */
class StateLeaf {
  constructor(
    readonly kind: "number" | "variable" | "array" | "typed" | "nested",
    readonly shape: Shape,
    readonly dtype: DType,
  ) {}
}

function isStateLeaf(value: unknown): boolean {
  return typeof value === "number" || isLeaf(value);
}

function leafOf(value: unknown): StateLeaf {
  const { shape, dtype } = readCall([value], new Set()).leaves[0]!;
  const kind = typeof value === "number"
    ? "number"
    : value instanceof Variable
    ? "variable"
    : value instanceof NdArray
    ? "array"
    : Array.isArray(value)
    ? "nested"
    : "typed";
  return new StateLeaf(kind, shape, dtype);
}

/** Refuses a result that can't follow a leaf of the state; a plain number takes any dtype. */
function checkSuccessor(
  name: string,
  leaf: StateLeaf,
  next: OutputSlot | number,
  { program }: CompiledBranch,
): void {
  const shape = typeof next === "number" ? SCALAR : program.outputShapes[next.index]!;
  if (!sameShape(shape, leaf.shape)) {
    throw unlike(name, `has shape [${shape.join(", ")}], the argument [${leaf.shape.join(", ")}]`);
  }
  const dtype = typeof next === "number" || leaf.kind === "number"
    ? leaf.dtype
    : program.outputTypes[next.index]!;
  if (dtype !== leaf.dtype) throw unlike(name, `is ${dtype}, the argument ${leaf.dtype}`);
}

function unlike(name: string, how: string = "has another structure than the argument"): TypeError {
  return new TypeError(
    message`Cannot loop: the first result of the function must be like its first argument, but its
    ${name} ${how}`,
  );
}

/** Makes the loop of a compiled function from a state. */
export function makeLoop(
  programs: LoopPrograms,
  state: unknown,
): StateLoop<unknown, readonly unknown[], readonly unknown[]> {
  return new ProgramLoop(programs, state);
}

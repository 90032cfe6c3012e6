/** A loop whose step is a graph: how its operands and results are laid out, and how it runs step by step. */
import { allocate, type DType, type FloatArray } from "../../array/dtype.ts";
import { fullArray, NdArray } from "../../array/nd_array.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { isUnknownArray, unknownValue } from "../../array/deferred_array.ts";
import type { Value } from "../../array/value.ts";
import type { LoopRules } from "../../primitives/mod.ts";
import type { Executable } from "./interpret.ts";
import type { Graph } from "./nodes.ts";

/** What a loop does. */
export interface Iteration {
  /**
   * One step, from the state, a slice of what the loop runs over, and what is the same for all steps, to the next state
   * and outputs. State and outputs are of one dtype, that of the result.
   */
  readonly step: Graph;
  /** How many inputs of the step are the state, and how many are slices. */
  readonly states: number;
  readonly slices: number;
  /** How many steps are taken, at least one. */
  readonly length: number;
  /** Whether the last slice comes first. */
  readonly isReversed: boolean;
  /** Whether the state before each step is a result as well. */
  readonly keepsStates: boolean;
}

/** A part of the result of a loop. */
export interface LoopPart {
  /** The element that it starts at. */
  readonly offset: number;
  readonly shape: Shape;
}

/** How a loop is differentiated, batched and run; see {@linkcode LoopRules}. */
export interface LoopBehaviour extends Pick<LoopRules, "joint" | "batch"> {
  /** A text that is equal for equal steps; undefined where that cannot be told. */
  key(): string | undefined;
  /** Runs one step. */
  execute(): Executable;
  /** Takes all steps; by default they are taken one by one. */
  run?(inputs: readonly Value[]): Value;
}

/** A loop as the attributes of a node. Its result: the last state, all outputs, and the states before each step. */
export class GraphLoop implements LoopRules {
  readonly iteration: Iteration;
  readonly size: number;
  readonly dtype: DType;
  readonly joint: LoopRules["joint"];
  readonly batch: LoopRules["batch"];
  /** The last state, the outputs of all steps, and the states before each of them if they are kept. */
  readonly last: readonly LoopPart[];
  readonly outputs: readonly LoopPart[];
  readonly kept: readonly LoopPart[];
  readonly #behaviour: LoopBehaviour;

  /** Lays the results out. */
  constructor(iteration: Iteration, behaviour: LoopBehaviour) {
    const { step, states, length, keepsStates } = iteration;
    this.iteration = iteration;
    this.#behaviour = behaviour;
    this.joint = behaviour.joint;
    this.batch = behaviour.batch;
    this.dtype = step.outputs[0]!.dtype;
    let size = 0;
    const part = (shape: Shape): LoopPart => {
      const offset = size;
      size += sizeOf(shape);
      return { offset, shape };
    };
    const shapes = step.outputs.map(({ shape }) => shape);
    this.last = shapes.slice(0, states).map(part);
    this.outputs = shapes.slice(states).map((shape) => part([length, ...shape]));
    this.kept = keepsStates ? shapes.slice(0, states).map((shape) => part([length, ...shape])) : [];
    this.size = size;
  }

  /** Takes all steps. */
  run(inputs: readonly Value[]): Value {
    if (this.#behaviour.run !== undefined) return this.#behaviour.run(inputs);
    const { states, slices, length, isReversed } = this.iteration;
    const execute = this.#behaviour.execute();
    const result = allocate(this.dtype, this.size);
    const over = inputs.slice(states, states + slices) as NdArray[];
    const fixed = inputs.slice(states + slices);
    let state = inputs.slice(0, states);
    for (let i = 0; i < length; i++) {
      const t = isReversed ? length - 1 - i : i;
      this.kept.forEach((part, k) => putSlice(result, part, t, state[k]!));
      const found = execute([...state, ...over.map((x) => sliceValue(x, t)), ...fixed]);
      state = found.slice(0, states);
      this.outputs.forEach((part, k) => putSlice(result, part, t, found[states + k]!));
    }
    this.last.forEach(({ offset }, k) => putValue(result, offset, state[k]!));
    return new NdArray(result);
  }

  /** What is equal for loops that compute the same, as text; no text where that cannot be told. */
  toJSON(): unknown {
    const { states, slices, length, isReversed, keepsStates } = this.iteration;
    const key = this.#behaviour.key();
    return key === undefined ? () => {} : { states, slices, length, isReversed, keepsStates, key };
  }
}

/** Slice t of a value along its first axis; zeros where it has none. */
export function sliceValue(x: NdArray, t: number): Value {
  const shape = x.shape.slice(1);
  if (isUnknownArray(x)) return unknownValue(shape, x.dtype);
  if (x.shape[0] === 0) return shape.length === 0 ? 0 : fullArray(shape, 0, x.dtype);
  const size = sizeOf(shape);
  return shape.length === 0 ? x.data[t]! : new NdArray(x.data.subarray(t * size, (t + 1) * size), shape);
}

/** Puts the elements of a value into an array. */
export function putValue(into: FloatArray, at: number, value: Value): void {
  if (typeof value === "number") into[at] = value;
  else into.set(value.data, at);
}

function putSlice(into: FloatArray, { offset, shape }: LoopPart, t: number, value: Value): void {
  putValue(into, offset + t * sizeOf(shape.slice(1)), value);
}

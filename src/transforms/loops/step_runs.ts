import { plainValue } from "../../variable/rows.ts";
import { allocate, type FloatArray } from "../../array/dtype.ts";
import type { Value } from "../../array/value.ts";
import { NdArray } from "../../array/nd_array.ts";
import { sizeOf } from "../../array/shape.ts";
import { type CompiledGraph, compileGraph } from "../../compiler/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { untracked } from "../../variable/variable.ts";
import {
  backwardGraph,
  type CompiledStep,
  sliceValue,
  type StepProgram,
  tangentGraph,
} from "./step_program.ts";
import type { ScanCall } from "./take_step.ts";

/** Takes all steps; gives the states before and after each, and the outputs one after the other. */
export function runForward(
  call: ScanCall,
  { outputs, captured, arrays }: StepProgram,
  forward: CompiledGraph,
): { states: Value[][]; results: FloatArray[] } {
  const count = call.states.length;
  const states: Value[][] = [call.states.map(plainValue)];
  const fixed = [...captured.map(plainValue), ...arrays];
  const xs = call.slices.map((x) => plainValue(x) as NdArray);
  const results = outputs.map((y) => allocate(y.dtype, y.size * call.length));
  for (let t = 0; t < call.length; t++) {
    const found = forward.run([...states[t]!, ...xs.map((x) => sliceValue(x, t)), ...fixed]);
    states.push(found.slice(0, count));
    outputs.forEach((y, k) => put(results[k]!, t * y.size, found[count + k]!));
  }
  return { states, results };
}

function put(into: FloatArray, at: number, value: Value): void {
  if (typeof value === "number") into[at] = value;
  else into.set(value.data, at);
}

/** Walks back through all steps, the last first. */
export function runBackward(
  call: ScanCall,
  program: StepProgram,
  compiled: CompiledStep,
  states: readonly (readonly Value[])[],
  cotangents: readonly Variable[],
  inputs: readonly Variable[],
): Variable[] {
  const [count, width] = [call.states.length, call.slices.length];
  const values = inputs.map(plainValue);
  const xs = values.slice(count, count + width) as NdArray[];
  const fixed = [...values.slice(count + width), ...program.arrays];
  const example = [...states[0]!, ...xs.map((x) => sliceValue(x, 0)), ...fixed];
  const backward = compiled.backward ??= compileGraph(backwardGraph(program.graph, example, inputs.length), {
    target: "wasm",
  });
  let stateSlopes = cotangents.slice(0, count).map(plainValue);
  const outputSlopes = cotangents.slice(count).map((g) => plainValue(g) as NdArray);
  const sums = inputs.map((x, k) => k < count ? null : allocate(x.dtype, x.size));
  for (let t = call.length - 1; t >= 0; t--) {
    const found = backward.run([
      ...states[t]!,
      ...xs.map((x) => sliceValue(x, t)),
      ...fixed,
      ...stateSlopes,
      ...outputSlopes.map((g) => sliceValue(g, t)),
    ]);
    stateSlopes = found.slice(0, count);
    for (let k = 0; k < width; k++) {
      put(sums[count + k]!, t * sizeOf(xs[k]!.shape.slice(1)), found[count + k]!);
    }
    for (let k = count + width; k < inputs.length; k++) addTo(sums[k]!, found[k]!);
  }
  return inputs.map((x, k) => {
    if (k < count) return untracked(stateSlopes[k]!, x.dtype);
    return untracked(x.shape.length === 0 ? sums[k]![0]! : new NdArray(sums[k]!, x.shape), x.dtype);
  });
}

/** Pushes tangents through all steps; gives those of the last state, and of the stacked outputs. */
export function runTangents(
  call: ScanCall,
  program: StepProgram,
  compiled: CompiledStep,
  states: readonly (readonly Value[])[],
  inputs: readonly Variable[],
  tangents: readonly Variable[],
): Variable[] {
  const [count, width] = [call.states.length, call.slices.length];
  const [values, moved] = [inputs.map(plainValue), tangents.map(plainValue)];
  const fixed = [...values.slice(count + width), ...program.arrays];
  const slices = (all: readonly Value[], t: number): Value[] =>
    all.slice(count, count + width).map((x) => sliceValue(x as NdArray, t));
  const example = [...states[0]!, ...slices(values, 0), ...fixed];
  const tangent = compiled.tangent ??= compileGraph(tangentGraph(program.graph, example, inputs.length), {
    target: "wasm",
  });
  const { outputs } = program;
  const results = outputs.map((y) => allocate(y.dtype, y.size * call.length));
  let state: readonly Value[] = moved.slice(0, count);
  for (let t = 0; t < call.length; t++) {
    const found = tangent.run([
      ...states[t]!,
      ...slices(values, t),
      ...fixed,
      ...state,
      ...slices(moved, t),
      ...moved.slice(count + width),
    ]);
    state = found.slice(0, count);
    outputs.forEach((y, k) => put(results[k]!, t * y.size, found[count + k]!));
  }
  return [
    ...state.map((value, k) => untracked(value, inputs[k]!.dtype)),
    ...outputs.map((y, k) => untracked(new NdArray(results[k]!, [call.length, ...y.shape]), y.dtype)),
  ];
}

function addTo(into: FloatArray, value: Value): void {
  if (typeof value === "number") into[0]! += value;
  else for (let i = 0; i < into.length; i++) into[i]! += value.data[i]!;
}

import { apply } from "../../variable/apply.ts";
import { handleOf, untracked, type Variable } from "../../variable/variable.ts";
import { sizeOf } from "../../array/shape.ts";
import { fullArray } from "../../array/nd_array.ts";
import { type BatchContext, operation as op } from "../../primitives/mod.ts";
import { type Cut, interpret, type Node } from "../../compiler/mod.ts";
import { debugging } from "../../tape/mod.ts";
import { castVariable } from "./adapt.ts";
import { applyRecorded, recordingOps } from "./differentiable_walks.ts";

/** A value in a batching walk. */
export interface Batched {
  /** The value. */
  readonly value: Variable;
  /** Whether it has a leading axis with one entry for each example; else it is the same for all of them. */
  readonly batched: boolean;
}

/**
 * Runs a recorded function once for each of many inputs, all at the same time: a walk over its rows with the batch
 * rule of each primitive. What has no rule runs example by example.
 *
 * @param cut The function, of which all operations depend on an input
 * @param inputs One for each input, with a leading axis of length `size`
 * @param size The number of examples
 */
export function batchWalk({ graph, outside }: Cut, inputs: readonly Variable[], size: number): Batched[] {
  return interpret<Batched>(
    graph,
    [
      ...inputs.map((value) => ({ value, batched: true })),
      ...outside.map((row) => ({ value: handleOf(row), batched: false })),
    ],
    (node) => ({ value: untracked(node.value!, node.dtype), batched: false }),
    (node, operands) => ({ value: runNode(node, operands, size), batched: true }),
  );
}

function runNode(node: Node, operands: readonly Batched[], size: number): Variable {
  const { operation, attributes, shape, dtype } = node;
  const context: BatchContext<Variable, unknown> = {
    operation: operation!,
    ops: recordingOps,
    inputs: operands.map(({ value }) => value),
    batched: operands.map(({ batched }) => batched),
    size,
    attributes,
    shapes: node.operands.map((o) => o.shape),
    shape,
  };
  const rule = operation!.primitive.batch;
  const value = rule === undefined ? runEach(context) : rule(context);
  return castVariable(value, dtype);
}

/** Runs a row example by example. */
function runEach(c: BatchContext<Variable, unknown>): Variable {
  if (debugging()) {
    console.warn(
      `vmap: ${c.operation.name} has no batch rule, it runs once for each of the ${c.size} examples`,
    );
  }
  if (c.size === 0) {
    return untracked(fullArray([0, ...c.shape], 0, c.inputs[c.batched.indexOf(true)]!.dtype), "float64");
  }
  const results = Array.from({ length: c.size }, (_, i) => {
    const operands = c.inputs.map((x, k) => c.batched[k] ? exampleOf(x, i) : x);
    return applyRecorded(c.operation, operands, c.attributes).reshape([1, ...c.shape]);
  });
  return apply(op.concat, results, { axis: 0 });
}

/** One example of a batch. */
export function exampleOf(x: Variable, i: number): Variable {
  const rest = x.shape.slice(1);
  const begin = [i, ...rest.map(() => 0)];
  return apply(op.slice, [x], { begin, size: [1, ...rest] }).reshape(rest);
}

/** The rows of the identity matrix in the shape of a value: one direction for each of its elements. */
export function basis(like: Variable): Variable {
  const size = sizeOf(like.shape);
  const eye = fullArray([size, ...like.shape], 0, like.dtype);
  for (let i = 0; i < size; i++) eye.data[i * (size + 1)] = 1;
  return untracked(eye, like.dtype);
}

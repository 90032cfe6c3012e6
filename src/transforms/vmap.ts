import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { readOptions } from "../_internal/readers/mod.ts";
import { isUnknownArray, unknownValue } from "../array/deferred_array.ts";
import { fullArray, type NdArray } from "../array/nd_array.ts";
import { sizeOf } from "../array/shape.ts";
import { sliceArray } from "../array/strided_copy.ts";
import { type Cut, cutGraph, interpret, type Node } from "../compiler/mod.ts";
import { type BatchContext, operation as op } from "../primitives/mod.ts";
import { debugging, tape } from "../tape/mod.ts";
import { checkFunction, type InputLeaf, isLeaf, leafToVariable, readArguments } from "./core/arguments.ts";
import { applyRecorded, castVariable, recordingOps } from "./core/differentiable_walks.ts";
import { guarded } from "./core/guard.ts";
import { traceFunction } from "./core/trace_function.ts";
import type { Like, Variables } from "./core/types.ts";
import { apply } from "../variable/apply.ts";
import { mapTree, type Tree } from "../variable/mod.ts";
import { plainValue } from "../variable/rows.ts";
import { handleOf, untracked, Variable } from "../variable/variable.ts";

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

/** Along which axes {@linkcode vmap} maps: one for all leaves of a tree, or a tree of them; null for none. */
export type MappedAxes = number | null | readonly MappedAxes[] | { readonly [key: string]: MappedAxes };

/** Options of {@linkcode vmap}. */
export interface VmapOptions {
  /**
   * The axis of the examples in the arguments: one for all, or a list with one entry for each argument. An
   * entry is an axis, null for an argument that is the same for all examples, or a tree of those. By default 0.
   */
  readonly inAxes?: number | readonly MappedAxes[];
  /** The axis of the examples in the outputs: one for all, or a tree of them; by default 0. */
  readonly outAxes?: MappedAxes;
}

/** A leaf of the arguments, and where its examples lie. */
interface MappedLeaf {
  readonly value: Variable;
  /** The axis of the examples, not negative; null for none. */
  readonly axis: number | null;
}

/**
 * Runs a function written for one example on a batch of them, all at the same time: each operation runs once, on
 * arrays with one axis more. The result can be differentiated, and maps and derivatives nest in any order:
 * `vmap(grad(f))` gives one gradient for each example.
 *
 * The function is recorded with the first example, so it must do the same for all: reading a value that depends
 * on a mapped input (`item()`, `value`, `truthy()`, …) is an error.
 *
 * @param f Takes Variables in any trees, returns a tree of Variables of any shape. It must not be async
 * @param options `inAxes`, `outAxes`: where the axis of the examples lies, by default in front
 * @throws {TypeError} When called: if the numbers of examples differ, nothing is mapped, f is async or reads a
 *   value that depends on the example
 * @throws {RangeError} When called: if an argument has no such axis
 *
 * @example
 * ```ts
 * import { grad, type Variable, vmap } from "@tapegrad/tapegrad";
 *
 * const loss = (w: Variable, x: Variable) => w.mul(x).sum().square();
 * const each = vmap(grad(loss), { inAxes: [null, 0] });
 * console.log(each([1, 1], [[1, 2], [3, 4]]).value); // [[6, 12], [42, 56]]
 * ```
 */
export function vmap<P extends readonly unknown[], Y>(
  f: (...args: P) => Y,
  options?: VmapOptions,
): (...args: { readonly [K in keyof P]: P[K] | Like<P[K]> }) => Variables<Y> {
  checkFunction("vmap", f);
  const { inAxes, outAxes } = readOptions<VmapOptions, Required<VmapOptions>>("vmap", options, {
    inAxes: 0,
    outAxes: 0,
  });
  return function mapped(...args) {
    const leaves: MappedLeaf[] = [];
    const places = readMapped(args, inAxes, leaves);
    const mappedLeaves = leaves.filter(({ axis }) => axis !== null);
    const size = countExamples(mappedLeaves);
    const batches = mappedLeaves.map(({ value, axis }) => moveAxis(value, axis!, 0));
    const one = (...examples: Variable[]): unknown => {
      let next = 0;
      const full = places((i) => leaves[i]!.axis === null ? leaves[i]!.value : examples[next++]!);
      const rows = examples.map((x) => x.row);
      return guarded({ where: "vmap", inputs: rows, isBatched: true }, () => f(...full as unknown as P));
    };
    const examples = batches.map(firstExample);
    const read = readArguments("vmap", examples, examples.map((_, i) => i));
    return traceFunction(
      "vmap",
      one,
      read,
      { hasAux: false, wantVariables: true, extraOperands: batches },
      (r) => {
        const cut = cutGraph(tape, r.frame.mark, r.inputRows, r.outputRows, "dependent");
        const results = batchWalk(cut, batches, size);
        const axes = spread(outAxes, r.rebuild(r.outputs), "outAxes");
        return r.rebuild(
          results.map((y, i) => r.detachUnlessNested(placeBatch(y, axes[i]!, size))),
        ) as Variables<Y>;
      },
    );
  } as (...args: { readonly [K in keyof P]: P[K] | Like<P[K]> }) => Variables<Y>;
}

/** Reads the arguments with their axes; the result puts them together again from what is given for each leaf. */
function readMapped(
  args: readonly unknown[],
  inAxes: number | readonly MappedAxes[],
  leaves: MappedLeaf[],
): (pick: (leaf: number) => Variable) => unknown[] {
  if (Array.isArray(inAxes) && inAxes.length !== args.length) {
    throw new TypeError(
      message`Cannot map with ${inAxes.length} inAxes: the function was called with
      ${args.length} arguments, give one for each`,
    );
  }
  const trees = args.map((arg, k) => {
    const axes = spread(Array.isArray(inAxes) ? inAxes[k]! : inAxes, arg, "inAxes");
    let next = 0;
    return mapTree(arg as Tree<unknown>, (leaf): { readonly leaf: number } | { readonly other: unknown } => {
      const axis = axes[next++]!;
      if (typeof leaf !== "number" && !isLeaf(leaf)) return { other: leaf };
      const value = leafToVariable(leaf as InputLeaf, "vmap");
      leaves.push({ value, axis: axis === null ? null : checkAxis(axis, value) });
      return { leaf: leaves.length - 1 };
    }, isLeaf);
  });
  const isPlace = (value: unknown): boolean =>
    typeof value === "object" && value !== null && ("leaf" in value || "other" in value);
  return (pick) =>
    trees.map((tree) =>
      mapTree(tree, (place) => "leaf" in place ? pick(place.leaf) : place.other as Variable, isPlace)
    );
}

/** One axis for each leaf of a tree, from a tree of axes that may end earlier. */
function spread(axes: MappedAxes, tree: unknown, what: string): (number | null)[] {
  if (axes === null || typeof axes === "number") {
    const all: null[] = [];
    mapTree(tree as Tree<unknown>, () => void all.push(null), isLeaf);
    return all.map(() => axes);
  }
  const isNode = typeof tree === "object" && tree !== null && !(tree instanceof Variable) && !isLeaf(tree);
  const keys = isNode ? Object.keys(tree) : [];
  if (!isNode || keys.length !== Object.keys(axes).length || keys.some((key) => !(key in axes))) {
    throw new TypeError(
      message`Cannot map: ${what} has ${describeValue(axes)} where the tree has
      ${describeValue(tree)}, give an axis, null or the same structure`,
    );
  }
  return keys.flatMap((key) =>
    spread((axes as { [key: string]: MappedAxes })[key]!, (tree as { [key: string]: unknown })[key], what)
  );
}

function checkAxis(axis: number, { rank, shape }: Variable): number {
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw new RangeError(
    message`Cannot map over axis ${axis} of shape ${shape}: there is no such axis; use
    null in inAxes for what is the same for all examples`,
  );
}

function countExamples(mapped: readonly MappedLeaf[]): number {
  const sizes = [...new Set(mapped.map(({ value, axis }) => value.shape[axis!]!))];
  if (sizes.length === 1) return sizes[0]!;
  throw new TypeError(
    sizes.length === 0
      ? "Cannot map: no argument has an axis to map over, give at least one in inAxes"
      : `Cannot map: the arguments have different numbers of examples, ${sizes.join(" and ")}`,
  );
}

function moveAxis(x: Variable, from: number, to: number): Variable {
  if (from === to) return x;
  const order = x.shape.map((_, i) => i).filter((i) => i !== from);
  order.splice(to, 0, from);
  return x.transpose(order);
}

/** The first example as a constant; zeros where there is none. */
function firstExample(x: Variable): Variable {
  const value = plainValue(x) as NdArray;
  const shape = x.shape.slice(1);
  if (x.shape[0] === 0) return untracked(shape.length === 0 ? 0 : fullArray(shape, 0, x.dtype), x.dtype);
  if (isUnknownArray(value)) return untracked(unknownValue(shape, x.dtype), x.dtype);
  if (shape.length === 0) return untracked(value.data[0]!, x.dtype);
  const block = sliceArray(value, x.shape.map(() => 0), [1, ...shape]);
  return untracked(block.withShape(shape), x.dtype);
}

/** An output with the axis of the examples where it is wanted. */
function placeBatch({ value, batched }: Batched, axis: number | null, size: number): Variable {
  if (axis === null) {
    if (!batched) return value;
    throw new TypeError("Cannot return an output with outAxes null: it is not the same for all examples");
  }
  const all = batched ? value : value.broadcastTo([size, ...value.shape]);
  const to = axis < 0 ? axis + all.rank : axis;
  if (Number.isInteger(to) && to >= 0 && to < all.rank) return moveAxis(all, 0, to);
  throw new RangeError(
    message`Cannot put the examples along axis ${axis}: the output has shape ${all.shape}`,
  );
}

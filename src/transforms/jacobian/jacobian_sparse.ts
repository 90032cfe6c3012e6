import { readOptions } from "../../_internal/readers/mod.ts";
import { zerosLike } from "../../variable/rows.ts";
import { apply } from "../../variable/apply.ts";
import { message } from "../../_internal/message.ts";
import { NdArray } from "../../array/nd_array.ts";
import { operation as op } from "../../primitives/mod.ts";
import { cutGraph } from "../../compiler/mod.ts";
import { INPUT, tape } from "../../tape/mod.ts";
import { concat } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { handleOf, untracked } from "../../variable/variable.ts";
import { checkFunction, readArguments } from "../core/arguments.ts";
import { batchWalk } from "../vmap.ts";
import { guarded } from "../core/guard.ts";
import { type Recording, traceFunction } from "../core/trace_function.ts";
import { recordedForwardWalk, recordedWalk } from "../core/differentiable_walks.ts";
import { colourColumns, findPattern, readPattern, type SparsityPattern } from "./sparsity.ts";
import type { Like } from "../core/types.ts";

/** A matrix of which only some elements are stored, the others are 0. */
export interface SparseJacobian extends SparsityPattern {
  /** The row of each stored element: the output, counted through all outputs. */
  readonly rows: Int32Array;
  /** The column of each stored element: the input, counted through all inputs. */
  readonly columns: Int32Array;
  /** The stored elements, shape `[stored]`. */
  readonly values: Variable;
  /** The number of rows and columns. */
  readonly shape: readonly [rows: number, columns: number];
  /** How many directions were walked. */
  readonly directions: number;
  /** The matrix with its zeros, shape `[rows, columns]`. */
  toDense(): Variable;
}

/** Options of {@linkcode jacobianSparse}. */
export interface JacobianSparseOptions {
  /**
   * Which elements may differ from 0, for instance from an earlier result; found from what f does if not given.
   * A pattern that leaves elements out gives wrong results.
   */
  readonly pattern?: SparsityPattern;
}

/**
 * The Jacobian of a function of which each output depends on few inputs. Columns that no output has in common
 * (or rows that no input has in common) share one direction, so a banded matrix of any size takes a handful of
 * walks. The pattern is found by following the recorded operations; it never leaves out an element that f may
 * have, and may hold some that turn out to be 0.
 *
 * @param f Takes Variables in any tree, returns a tree of Variables. It must not be async
 * @param options `pattern`: which elements to look for
 * @returns A function of the arguments that gives the Jacobian by the first
 * @throws {TypeError} When called: if f is async or returns something else
 * @throws {RangeError} When called: if the pattern has an element outside of the matrix
 *
 * @example
 * ```ts
 * import { jacobianSparse, type Variable } from "@tapegrad/tapegrad";
 *
 * const differences = (x: Variable) => x.slice(1).square().sub(x.slice(0, 3));
 * const { values, directions, toDense } = jacobianSparse(differences)([1, 2, 3, 4]);
 * console.log(directions, values.value); // 2 [-1, 4, -1, 6, -1, 8]
 * console.log(toDense().value); // [[-1, 4, 0, 0], [0, -1, 6, 0], [0, 0, -1, 8]]
 * ```
 */
export function jacobianSparse<P, R extends unknown[], Y>(
  f: (x: P, ...rest: R) => Y,
  options?: JacobianSparseOptions,
): (x: P | Like<P>, ...rest: R) => SparseJacobian {
  checkFunction("jacobianSparse", f);
  const { pattern } = readOptions<JacobianSparseOptions, { readonly pattern: undefined }>(
    "jacobianSparse",
    options,
    {
      pattern: undefined,
    },
  );
  const given = pattern === undefined ? undefined : readPattern(pattern);
  return function sparseJacobian(...args) {
    const read = readArguments("jacobianSparse", args, [0]);
    return traceFunction(
      "jacobianSparse",
      f as (...args: never[]) => unknown,
      read,
      { hasAux: false },
      (r) => {
        const shape = [count(r.outputs), count(r.inputs)] as const;
        const { rows, columns } = given ?? findPattern(r);
        checkPattern(rows, columns, shape);
        const byColumn = colourColumns(rows, columns, shape[0], shape[1]);
        const byRow = colourColumns(columns, rows, shape[1], shape[0]);
        const forward = byColumn.count <= byRow.count;
        const { colours, count: directions } = forward ? byColumn : byRow;
        const compressed = forward ? walkForward(r, colours, directions) : walkBack(r, colours, directions);
        const [along, across, width] = forward ? [columns, rows, shape[0]] : [rows, columns, shape[1]];
        const places = Float64Array.from(along, (a, k) => colours[a]! * width + across[k]!);
        const found = apply(op.gather, [compressed, untracked(new NdArray(places), "float64")], { axis: 0 });
        const values = r.detachUnlessNested(found);
        return {
          rows,
          columns,
          values,
          shape,
          directions,
          toDense: () => toDense(values, rows, columns, shape),
        };
      },
    );
  };
}

function count(list: readonly Variable[]): number {
  return list.reduce((sum, x) => sum + x.size, 0);
}

/** Pushes sums of unit directions forwards; the result is flat, one direction after the other. */
function walkForward(r: Recording, colours: Int32Array, directions: number): Variable {
  const fresh = freshInputs(r.inputs);
  const rows = fresh.map((d) => d.row);
  const tangents = guarded(
    { where: "jacobianSparse", inputs: rows },
    () => recordedForwardWalk(tape, r.frame.mark, fresh.map((d, i) => [r.inputRows[i]!, d])),
  );
  return walkDirections(fresh, r.outputRows.map((row) => tangents.get(row)), r.outputs, colours, directions);
}

/** Pulls sums of unit directions backwards. */
function walkBack(r: Recording, colours: Int32Array, directions: number): Variable {
  const fresh = freshInputs(r.outputs);
  const rows = fresh.map((d) => d.row);
  const pulled = guarded(
    { where: "jacobianSparse", inputs: rows },
    () => recordedWalk(tape, r.frame.mark, fresh.map((d, i) => [r.outputRows[i]!, d]), r.inputRows),
  );
  return walkDirections(fresh, pulled, r.inputs, colours, directions);
}

function freshInputs(like: readonly Variable[]): Variable[] {
  return like.map((x) => handleOf(tape.leaf(INPUT, zerosLike(x), x.dtype)));
}

function walkDirections(
  from: readonly Variable[],
  results: readonly (Variable | undefined)[],
  to: readonly Variable[],
  colours: Int32Array,
  directions: number,
): Variable {
  const mark = Math.min(...from.map((d) => d.row));
  const there = results.filter((x) => x !== undefined && x.row >= mark) as Variable[];
  const cut = cutGraph(tape, mark, from.map((d) => d.row), there.map((x) => x.row), "dependent");
  const found = batchWalk(cut, seeds(from, colours, directions), directions);
  let next = 0;
  const parts = results.map((x, j) => {
    const { value, batched } = x !== undefined && x.row >= mark
      ? found[next++]!
      : { value: x, batched: false };
    const size = to[j]!.size;
    return batched
      ? value!.reshape([directions, size])
      : untracked(new NdArray(new Float64Array(directions * size), [directions, size]), "float64");
  });
  return (parts.length === 1 ? parts[0]! : concat(parts, { axis: 1 })).reshape([-1]);
}

/** For each colour the sum of the unit directions that have it, in the shapes of the values they belong to. */
function seeds(from: readonly Variable[], colours: Int32Array, directions: number): Variable[] {
  let offset = 0;
  return from.map((x) => {
    const seed = new NdArray(new Float64Array(directions * x.size), [directions, ...x.shape]);
    for (let e = 0; e < x.size; e++) {
      const colour = colours[offset + e]!;
      if (colour >= 0) seed.data[colour * x.size + e] = 1;
    }
    offset += x.size;
    return untracked(seed.cast(x.dtype), x.dtype);
  });
}

function toDense(
  values: Variable,
  rows: Int32Array,
  columns: Int32Array,
  [height, width]: readonly [number, number],
): Variable {
  const places = untracked(
    new NdArray(Float64Array.from(rows, (row, k) => row * width + columns[k]!)),
    "float64",
  );
  return apply(op.scatterAdd, [values, places], { axis: 0, shape: [height * width] }).reshape([
    height,
    width,
  ]);
}

function checkPattern(
  rows: Int32Array,
  columns: Int32Array,
  [height, width]: readonly [number, number],
): void {
  for (let k = 0; k < rows.length; k++) {
    if (rows[k]! >= 0 && rows[k]! < height && columns[k]! >= 0 && columns[k]! < width) continue;
    throw new RangeError(
      message`Cannot use the pattern: element ${k} lies at [${rows[k]}, ${columns[k]}],
      the Jacobian has shape [${height}, ${width}]`,
    );
  }
}

import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readIntegers } from "../../_internal/readers/mod.ts";
import { zerosLike } from "../../variable/rows.ts";
import { handleOf } from "../../variable/variable.ts";
import type { Value } from "../../array/value.ts";
import { NdArray } from "../../array/nd_array.ts";
import { broadcastStrides, type Shape, sizeOf } from "../../array/shape.ts";
import { type Cut, cutGraph, interpret, type Node } from "../../compiler/mod.ts";
import { INPUT, tape } from "../../tape/mod.ts";
import type { Recording } from "../core/trace_function.ts";
import { recordedForwardWalk } from "../core/differentiable_walks.ts";

/** Which elements of a matrix may differ from 0: element k lies in row `rows[k]` and column `columns[k]`. */
export interface SparsityPattern {
  /** The row of each element. */
  readonly rows: ArrayLike<number>;
  /** The column of each element. */
  readonly columns: ArrayLike<number>;
}

/** For each element of a value, the inputs it depends on, ascending. */
type Sources = readonly Int32Array[];

const NONE = new Int32Array(0);
/** Beyond this many numbers an operation is taken to be dense rather than probed. */
const MOST_PROBED = 5e7;

/** A pattern as the walks need it. */
interface Pattern {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

/**
 * Reads a pattern that a user gave.
 *
 * @throws {TypeError} If it has no lists of rows and columns of the same length
 * @throws {RangeError} If a row or column is no integer from 0 up
 */
export function readPattern(pattern: unknown): Pattern {
  if (!isPlainObject(pattern)) {
    throw new TypeError(
      message`Cannot use the pattern ${
        describeValue(pattern)
      }: give { rows, columns }, one of each for every element`,
    );
  }
  const read = (what: "rows" | "columns"): Int32Array => {
    const list = pattern[what];
    return Int32Array.from(
      readIntegers(
        "jacobianSparse",
        `${what} of the pattern`,
        typeof list === "number" ? undefined : list,
        0,
      ),
    );
  };
  const rows = read("rows");
  const columns = read("columns");
  if (rows.length === columns.length) return { rows, columns };
  throw new TypeError(
    message`Cannot use the pattern: it has ${rows.length} rows and ${columns.length}
    columns, give one of each for every element`,
  );
}

/**
 * Finds which outputs depend on which inputs, element by element, from what was recorded: the walk forwards is
 * recorded for unknown directions, and what it does with them is followed.
 */
export function findPattern(r: Recording): Pattern {
  return tape.scope({ barrier: Math.min(tape.barrier, r.frame.mark) }, () => {
    const directions = r.inputs.map((x) => handleOf(tape.leaf(INPUT, zerosLike(x), x.dtype)));
    const seeds = directions.map((d, i) => [r.inputRows[i]!, d] as const);
    const tangents = recordedForwardWalk(tape, r.frame.mark, seeds, true);
    const moved = r.outputRows.map((row) => tangents.get(row)?.row ?? -1);
    const ends = moved.filter((row) => row >= 0);
    const inputs = [...directions.map((d) => d.row), ...r.inputRows];
    const cut = cutGraph(tape, r.frame.mark, inputs, ends, "dependent");
    const found = followSources(cut, directions.length, inputs.length);
    const rows: number[] = [];
    const columns: number[] = [];
    let offset = 0;
    let next = 0;
    r.outputs.forEach((y, j) => {
      const sources = moved[j]! < 0 ? null : found[next++]!;
      sources?.forEach((list, element) => {
        for (const column of list) {
          rows.push(offset + element);
          columns.push(column);
        }
      });
      offset += y.size;
    });
    return { rows: Int32Array.from(rows), columns: Int32Array.from(columns) };
  });
}

/** What is known of a value while the directions are followed. */
interface Followed {
  readonly shape: Shape;
  /** The value as it was recorded. */
  readonly value: Value;
  /** The directions it depends on; null for none. */
  readonly sources: Sources | null;
  /** Whether it changes with the inputs of the function. */
  readonly varies: boolean;
}

/** The sources of each result of a function that is linear in its first `directions` inputs. */
function followSources({ graph, rows }: Cut, directions: number, count: number): (Sources | null)[] {
  const rowOf = new Map(rows());
  const known = (node: Node, sources: Sources | null, varies: boolean): Followed => ({
    shape: node.shape,
    value: tape.valueOf(rowOf.get(node)!),
    sources,
    varies,
  });
  let start = 0;
  const inputs = graph.inputs.map((node, i) => {
    if (i >= directions) return known(node, null, i < count);
    const offset = start;
    const size = sizeOf(node.shape);
    start += size;
    return known(node, Array.from({ length: size }, (_, e) => Int32Array.of(offset + e)), false);
  });
  const results = interpret<Followed>(
    graph,
    inputs,
    (node) => known(node, null, false),
    (node, operands) => known(node, followNode(node, operands), operands.some(({ varies }) => varies)),
  );
  return results.map(({ sources }) => sources);
}

function followNode(node: Node, operands: readonly Followed[]): Sources | null {
  if (operands.every(({ sources }) => sources === null)) return null;
  return node.operation!.primitive.lower !== undefined ? spread(node, operands) : probe(node, operands);
}

/** The sources of an element-wise operation: those of the operands' elements, broadcast. */
function spread(node: Node, operands: readonly Followed[]): Sources {
  const { shape } = node;
  const out: Int32Array[] = new Array(sizeOf(shape)).fill(NONE);
  const factorVaries = operands.some(({ sources, varies }) => sources === null && varies);
  operands.forEach(({ sources, shape: from }, k) => {
    if (sources === null) return;
    // A factor 0 that never changes, as in a mask, leaves nothing.
    const factors = factorVaries ? null : evaluate(
      node,
      operands.map((x, i) => x.sources === null ? x.value : valueFrom(x.shape, () => i === k ? 1 : 0)),
    );
    const strides = broadcastStrides(from, shape);
    const index = shape.map(() => 0);
    for (let i = 0, at = 0; i < out.length; i++) {
      if (factors?.[i] !== 0) out[i] = union(out[i]!, sources[at]!);
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        at += strides[axis]!;
        if (++index[axis]! < shape[axis]!) break;
        at -= strides[axis]! * shape[axis]!;
        index[axis] = 0;
      }
    }
  });
  return out;
}

function evaluate({ operation, attributes }: Node, inputs: readonly Value[]): ArrayLike<number> {
  const value = operation!.evaluate(inputs, attributes, "float64");
  return typeof value === "number" ? [value] : value.data;
}

/** The sources of any other linear operation, by running it on chosen directions. */
function probe(node: Node, operands: readonly Followed[]): Sources {
  const size = sizeOf(node.shape);
  let out: Int32Array[] = new Array(size).fill(NONE);
  const untyped = node.operation!.primitive.untyped ?? [];
  const certain = operands.every(({ sources, varies }, k) =>
    sources !== null || !varies || !untyped.includes(k)
  );
  // What changes with the inputs gets numbers that are not 0 by accident.
  const usual = operands.map(({ sources, shape, value, varies }, k): Value => {
    if (sources !== null) return valueFrom(shape, () => 0);
    return varies && !untyped.includes(k) ? valueFrom(shape, (i) => 1.5 + fraction(i)) : value;
  });
  operands.forEach(({ sources, shape }, k) => {
    if (sources === null) return;
    const run = (direction: Value): ArrayLike<number> =>
      evaluate(node, usual.map((x, i) => i === k ? direction : x));
    const reached = certain ? attempt(() => followElements(run, shape, size)) : null;
    if (reached === null) {
      const all = sources.reduce(union, NONE);
      out = out.map((list) => union(list, all));
    } else {reached.forEach((elements, o) => {
        for (const e of elements) out[o] = union(out[o]!, sources[e]!);
      });}
  });
  return out;
}

/** Which elements of an operand each element of the result is computed from; null if that is not known. */
function followElements(
  run: (direction: Value) => ArrayLike<number>,
  shape: Shape,
  size: number,
): readonly (readonly number[])[] | null {
  const count = sizeOf(shape);
  const moved = followMoves(run, shape, size);
  if (moved !== null) return moved;
  if (count * size > MOST_PROBED) return null;
  const reached: number[][] = Array.from({ length: size }, () => []);
  for (let e = 0; e < count; e++) {
    const result = run(valueFrom(shape, (i) => i === e ? 1 : 0));
    for (let o = 0; o < size; o++) if (result[o] !== 0) reached[o]!.push(e);
  }
  return reached;
}

/** The same for an operation that only moves elements, which shows by one run on numbers that are all different. */
function followMoves(
  run: (direction: Value) => ArrayLike<number>,
  shape: Shape,
  size: number,
): readonly (readonly number[])[] | null {
  const count = sizeOf(shape);
  const marks = Array.from({ length: count }, (_, i) => 1 + fraction(i));
  const places = new Map(marks.map((x, i) => [x, i]));
  if (places.size < count) return null;
  const result = run(valueFrom(shape, (i) => marks[i]!));
  const reached: number[][] = [];
  for (let o = 0; o < size; o++) {
    const place = places.get(result[o]!);
    if (place === undefined && result[o] !== 0) return null;
    reached.push(place === undefined ? [] : [place]);
  }
  return reached;
}

function attempt<R>(run: () => R): R | null {
  try {
    return run();
  } catch {
    // The operation has no value there, so nothing can be told from it.
    return null;
  }
}

/** Numbers between 0 and 1 without pattern: the fractional parts of multiples of an irrational number. */
function fraction(i: number): number {
  return (i * 0.6180339887498949 + 0.1234567891) % 1;
}

function valueFrom(shape: Shape, f: (i: number) => number): Value {
  if (shape.length === 0) return f(0);
  return new NdArray(Float64Array.from({ length: sizeOf(shape) }, (_, i) => f(i)), shape);
}

function union(a: Int32Array, b: Int32Array): Int32Array {
  if (a === b || b.length === 0) return a;
  if (a.length === 0) return b;
  return Int32Array.from(new Set([...a, ...b])).sort();
}

/**
 * Gives each column a number such that columns with the same one have no row in common, by taking the smallest
 * that is free. Curtis, Powell, Reid, "On the estimation of sparse Jacobian matrices", 1974.
 *
 * @returns The number of each column, and how many there are
 */
export function colourColumns(
  rows: ArrayLike<number>,
  columns: ArrayLike<number>,
  rowCount: number,
  columnCount: number,
): { colours: Int32Array; count: number } {
  const inRow: number[][] = Array.from({ length: rowCount }, () => []);
  const inColumn: number[][] = Array.from({ length: columnCount }, () => []);
  for (let k = 0; k < rows.length; k++) {
    inRow[rows[k]!]!.push(columns[k]!);
    inColumn[columns[k]!]!.push(rows[k]!);
  }
  const colours = new Int32Array(columnCount).fill(-1);
  let count = 0;
  for (let column = 0; column < columnCount; column++) {
    if (inColumn[column]!.length === 0) continue;
    const taken = new Set<number>();
    for (const row of inColumn[column]!) for (const other of inRow[row]!) taken.add(colours[other]!);
    let colour = 0;
    while (taken.has(colour)) colour++;
    colours[column] = colour;
    count = Math.max(count, colour + 1);
  }
  return { colours, count };
}

/** Operations that read or write where indices say: the code of copies, and the calls of it. */
import { bytesOfElement, type DType } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import { countDown, repeat, step } from "./control_flow.ts";
import { emitClear } from "./copies.ts";
import { type Argument, type Call, valueAt } from "./step_function.ts";
import type { Node } from "../graph/nodes.ts";
import { LINE } from "../plan/division.ts";
import type { Threading } from "../plan/program.ts";
import { lanesOf } from "../wasm/linear_memory.ts";
import {
  type Address,
  addressFunction,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  if_,
  local,
  v128,
  type WasmFunction,
} from "../wasm/writer.ts";
import { operation as op } from "../../primitives/mod.ts";

/** An array `[outer, length, inner]` and integers that name places along its middle axis. */
export interface Indexing {
  readonly dtype: DType;
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  /** How many integers there are for each `outer`, or, if each element has its own, for each `inner` of it too. */
  readonly count: number;
  /** Whether each element has an integer of its own; otherwise each of the `count` stands for whole slices. */
  readonly isAlong: boolean;
}

/** Which part of the work a function does. */
export type Part =
  /** As many of the outermost axis as its last parameter says. */
  | "outer"
  /** As many of the integers. */
  | "count"
  /** Those integers that lie in a range, whose begin and length are the last parameters. */
  | "range"
  /** As many columns. */
  | "inner";

const INDEX_BYTES = 8;

/**
 * A function of the addresses of an array, of integers as float64, and of a result, and of its part: `"outer"` or
 * `"count"`. It copies what the integers name to one place after the other.
 */
export function emitTake(indexing: Indexing, part: Part): WasmFunction {
  const { length, inner, isAlong, dtype } = indexing;
  const bytes = bytesOfElement(dtype);
  return addressFunction(4, { addresses: 6, vectors: 0 }, ([x, indices, out, size], own) => {
    const locals = localsOf(own);
    const { i, c, column, place } = locals;
    const take = (): void => {
      if (!isAlong) {
        setPlace(place, x!, indices!, inner * bytes);
        moveRow(dtype, inner, false, place, out!, c);
        return step(indices!, INDEX_BYTES);
      }
      local.set(column, x!);
      repeat(c, inner, () => {
        setPlace(place, column, indices!, inner * bytes);
        moveElement(dtype, false, place, out!);
        step(out!, bytes);
        step(indices!, INDEX_BYTES);
        step(column, bytes);
      });
    };
    if (part === "count") {
      local.set(i, size!);
      return countDown(i, take);
    }
    forEachOuter(indexing, locals, size!, indices!, take, () => step(x!, length * inner * bytes));
  });
}

/**
 * A function of the addresses of an array, of integers as float64, and of a result of which its part is all zeros, and
 * of that part: `"outer"`, `"range"` or `"inner"`. It adds one place after the other to what the integers name.
 */
export function emitAdd(indexing: Indexing, part: Part): WasmFunction {
  const { length, inner, isAlong, dtype } = indexing;
  const bytes = bytesOfElement(dtype);
  return addressFunction(5, { addresses: 6, vectors: 0 }, ([x, indices, out, begin, size], own) => {
    const locals = localsOf(own);
    const { c, column, place } = locals;
    /** Adds if the integer lies in the range; the other threads see to those that don't. */
    const ifInRange = (code: () => void, otherwise: () => void): void => {
      if (part !== "range") return code();
      i32.lt_u(i32.sub(i32.trunc_f64_u(f64.load({}, indices!)), begin!), size!);
      if_({}, code, otherwise);
    };
    const add = (): void => {
      if (part === "inner" && isAlong) {
        const { o: integers, start: from } = locals;
        for (const [own, row] of [[integers, indices!], [from, x!], [column, out!], [c, size!]] as const) {
          local.set(own, row);
        }
        countDown(c, () => {
          setPlace(place, column, integers, inner * bytes);
          moveElement(dtype, true, from, place);
          step(from, bytes);
          step(integers, INDEX_BYTES);
          step(column, bytes);
        });
        step(x!, inner * bytes);
        return step(indices!, inner * INDEX_BYTES);
      }
      if (part === "inner") {
        setPlace(place, out!, indices!, inner * bytes);
        local.set(column, x!);
        addColumns(dtype, column, place, size!, c);
        step(x!, inner * bytes);
        return step(indices!, INDEX_BYTES);
      }
      if (!isAlong) {
        ifInRange(() => {
          setPlace(place, out!, indices!, inner * bytes);
          moveRow(dtype, inner, true, x!, place, c);
        }, () => step(x!, inner * bytes));
        return step(indices!, INDEX_BYTES);
      }
      local.set(column, out!);
      repeat(c, inner, () => {
        ifInRange(() => {
          setPlace(place, column, indices!, inner * bytes);
          moveElement(dtype, true, x!, place);
        }, () => {});
        step(x!, bytes);
        step(indices!, INDEX_BYTES);
        step(column, bytes);
      });
    };
    if (part !== "outer") return repeat(locals.i, indexing.count, add);
    forEachOuter(indexing, locals, size!, indices!, add, () => step(out!, length * inner * bytes));
  });
}

type Locals = Readonly<Record<"o" | "i" | "c" | "column" | "place" | "start", Address>>;

function localsOf([o, i, c, column, place, start]: readonly Address[]): Locals {
  return { o: o!, i: i!, c: c!, column: column!, place: place!, start: start! };
}

/** Runs code for each integer of each of so many of the outermost axis. */
function forEachOuter(
  { count, isAlong }: Indexing,
  { o, i, start }: Locals,
  size: Address,
  indices: Address,
  code: () => void,
  next: () => void,
): void {
  local.set(o, size);
  local.set(start, indices);
  countDown(o, () => {
    // Integers for slices are the same for each of the outermost axis.
    if (!isAlong) local.set(indices, start);
    repeat(i, count, code);
    next();
  });
}

/** Sets an address to the place that the integer at `indices` names. */
function setPlace(place: Address, base: Address, indices: Address, bytes: number): void {
  i32.add(i32.mul(i32.trunc_f64_u(f64.load({}, indices)), bytes), base);
  local.set(place);
}

/** Moves an element to a place, or adds it. */
function moveElement(dtype: DType, add: boolean, from: Address, to: Address): void {
  const type = dtype === "float32" ? f32 : f64;
  local.get(to);
  type.load({}, from);
  if (add) {
    type.load({}, to);
    type.add();
  }
  type.store({});
}

function moveVector(dtype: DType, add: boolean, from: Address, to: Address): void {
  local.get(to);
  v128.load({}, from);
  if (add) {
    v128.load({}, to);
    dtype === "float32" ? f32x4.add() : f64x2.add();
  }
  v128.store({});
}

/** Moves a run of elements to a place, or adds it, and both addresses on. */
function moveRow(
  dtype: DType,
  length: number,
  add: boolean,
  from: Address,
  to: Address,
  counter: Address,
): void {
  const bytes = bytesOfElement(dtype);
  const lanes = 16 / bytes;
  repeat(counter, Math.floor(length / lanes), () => {
    moveVector(dtype, add, from, to);
    step(from, 16);
    step(to, 16);
  });
  repeat(counter, length % lanes, () => {
    moveElement(dtype, add, from, to);
    step(from, bytes);
    step(to, bytes);
  });
}

/** Adds a run of so many elements to a place. */
function addColumns(dtype: DType, from: Address, to: Address, count: Address, counter: Address): void {
  const bytes = bytesOfElement(dtype);
  const lanes = 16 / bytes;
  i32.div_u(count, lanes);
  local.tee(counter);
  if_({}, () =>
    countDown(counter, () => {
      moveVector(dtype, true, from, to);
      step(from, 16);
      step(to, 16);
    }));
  i32.and(count, lanes - 1);
  local.tee(counter);
  if_({}, () =>
    countDown(counter, () => {
      moveElement(dtype, true, from, to);
      step(from, bytes);
      step(to, bytes);
    }));
}

/** About how many instructions on vectors an element takes that is looked up, and a vector of elements. */
const WORK = 4;
/** So many columns or more are divided to be added to: all threads have the same to do then. */
const MANY_COLUMNS = 2 * LINE;
/** Slices of fewer elements take less time to add than it takes each thread to see which are its own. */
const LEAST_TO_LOOK = 8;

/** A step that takes elements by integers, or adds them. */
export interface IndexedStep {
  readonly code: readonly Call[];
  readonly scratch: number;
  /** What the integers have to be checked against, and what an error says is being done; null if they are right. */
  readonly check: {
    readonly indices: Node;
    readonly into: Node;
    readonly axis: number;
    readonly doing: string;
  } | null;
}

/** What the operations are called in errors, and whether they take or add, slices or single elements. */
const OPERATIONS: ReadonlyMap<unknown, { doing: string; adds: boolean; isAlong: boolean }> = new Map([
  [op.gather, { doing: "gather", adds: false, isAlong: false }],
  [op.scatterAdd, { doing: "scatter", adds: true, isAlong: false }],
  [op.takeAlongAxis, { doing: "take elements", adds: false, isAlong: true }],
  [op.addAlongAxis, { doing: "add elements", adds: true, isAlong: true }],
]);

/** The calls of a step that takes or adds elements by integers; null for any other, and where nothing is to be done. */
export function indexedCalls(node: Node, { count: threads, leastWork }: Threading): IndexedStep | null {
  const operation = OPERATIONS.get(node.operation);
  if (operation === undefined) return null;
  const { doing, adds, isAlong } = operation;
  const [x, indices] = node.operands as [Node, Node];
  const { axis } = node.attributes as { readonly axis: number };
  if (x.dtype !== node.dtype || indices.dtype !== "float64") return null;
  if ([x, indices, node].some(({ shape }) => sizeOf(shape) === 0)) return null;
  const into = adds ? node : x;
  const indexing: Indexing = {
    dtype: node.dtype,
    outer: sizeOf(into.shape.slice(0, axis)),
    length: into.shape[axis]!,
    inner: sizeOf(into.shape.slice(axis + 1)),
    count: isAlong ? indices.shape[axis]! : sizeOf(indices.shape),
    isAlong,
  };
  const moved = sizeOf((adds ? x : node).shape);
  const isVector = !isAlong && indexing.inner >= lanesOf(node.dtype);
  const work = WORK * moved / (isVector ? lanesOf(node.dtype) : 1);
  const isShared = threads > 1 && work >= leastWork;
  const share = (
    { length, multiple }: { length: number; multiple: number },
    own: number,
    isWorthIt = true,
  ) => ({
    division: { length, multiple, chunks: 0 },
    isParallel: isShared && isWorthIt && length > multiple && own >= leastWork,
    work: own,
    isIndependent: false,
  });
  const code: Call[] = [];
  if (adds) {
    const size = sizeOf(node.shape);
    code.push({
      code: emitClear(node.dtype),
      arguments: [valueAt(node, 0, bytesOfElement(node.dtype)), { kind: "length" }],
      ...share({ length: size, multiple: LINE }, size / lanesOf(node.dtype)),
    });
  }
  const part = partOf(indexing, adds);
  const isWorthIt = part !== "range" || (!isAlong && indexing.inner >= LEAST_TO_LOOK);
  code.push({
    code: (adds ? emitAdd : emitTake)(indexing, part),
    arguments: argumentsOf(x, indices, node, indexing, part, adds),
    ...share(rangeOf(indexing, part), work, isWorthIt),
  });
  const check = isSafe(indices, indexing.length) ? null : { indices, into, axis, doing };
  return { code, scratch: 0, check };
}

/** By what the work is divided. */
function partOf({ outer, inner }: Indexing, adds: boolean): Part {
  if (outer > 1) return "outer";
  if (!adds) return "count";
  return inner >= MANY_COLUMNS ? "inner" : "range";
}

function rangeOf(
  { outer, length, inner, count }: Indexing,
  part: Part,
): { length: number; multiple: number } {
  if (part === "outer") return { length: outer, multiple: 1 };
  if (part === "inner") return { length: inner, multiple: LINE };
  return { length: part === "count" ? count : length, multiple: inner < LINE ? LINE : 1 };
}

/** The arguments of the function for a part: where it begins in each array, and how long it is. */
function argumentsOf(
  x: Node,
  indices: Node,
  node: Node,
  { dtype, length, inner, count, isAlong }: Indexing,
  part: Part,
  adds: boolean,
): Argument[] {
  const bytes = bytesOfElement(dtype);
  const places = length * inner * bytes;
  const listed = count * inner * bytes;
  const integers = 8 * (isAlong ? inner : 1);
  const steps = {
    outer: [adds ? listed : places, isAlong ? count * integers : 0, adds ? places : listed],
    count: [0, integers, inner * bytes],
    range: [0, 0, 0],
    inner: [bytes, isAlong ? 8 : 0, bytes],
  }[part];
  const at = [x, indices, node].map((operand, i) => valueAt(operand, 0, steps[i]!));
  return adds ? [...at, { kind: "begin" }, { kind: "length" }] : [...at, { kind: "length" }];
}

/** Whether integers are right without a look: positions that another operation has found. */
function isSafe(indices: Node, length: number): boolean {
  if (indices.operation === op.maxPoolIndices) return true;
  return op.argSort.is(indices) && indices.shape[indices.attributes.axis]! <= length;
}

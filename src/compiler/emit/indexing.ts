/** Taking elements from places named by integers, and adding them to such places, as calls from compiled code. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import type { Node } from "../graph/nodes.ts";
import { LINE } from "../plan/division.ts";
import type { Threading } from "../plan/program.ts";
import { lanesOf } from "../wasm/linear_memory.ts";
import { emitClear } from "./copies.ts";
import { emitAdd, emitTake, type Indexing, type Part } from "./indexed_copies.ts";
import { type Argument, type Call, valueAt } from "./step_function.ts";

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

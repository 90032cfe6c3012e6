/** Sorting as calls from compiled code. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import type { Node } from "../graph/nodes.ts";
import { LINE } from "../plan/division.ts";
import type { Threading } from "../plan/program.ts";
import { paddedSize } from "../wasm/linear_memory.ts";
import {
  countBytes,
  digitsOf,
  emitCount,
  emitKeys,
  emitMove,
  emitPlaces,
  emitPositions,
  emitSortRows,
  type Order,
  recordBytes,
} from "./sorting_loops.ts";
import { type Argument, type Call, valueAt, wholeCall, workspaceAt } from "./step_function.ts";

/** Rows of fewer elements are faster sorted by comparing. */
const FEW = 64;
/** Rows of at least so many have long digits, and are shared by threads if there is but one. */
const MANY = 4096;
/** Longer rows need too much workspace. */
const MOST = 1 << 24;
/** Parts of a row whose digits are counted apart. */
const PARTS = 12;
/** About how many instructions an element takes for each digit. */
const WORK = 12;

/** The calls that find the order of rows; null for any other node, and for rows that are too short or too long. */
export function sortingCalls(
  node: Node,
  threading: Threading,
): { code: readonly Call[]; scratch: number } | null {
  if (!op.argSort.is(node)) return null;
  const { axis, descending } = node.attributes;
  const [x] = node.operands as [Node];
  const length = node.shape[axis]!;
  const rows = sizeOf(node.shape) / length;
  if (length < FEW || length > MOST || rows === 0) return null;
  const order: Order = { dtype: x.dtype, descending, bits: length < MANY ? 8 : 11 };
  if (rows === 1 && length >= MANY) return rowCalls(node, order, threading);
  const inner = sizeOf(node.shape.slice(axis + 1));
  const perThread = paddedSize(2 * length * recordBytes(x.dtype) + countBytes(order));
  const work = WORK * digitsOf(order).length * sizeOf(node.shape);
  const isParallel = threading.count > 1 && rows > 1 && work >= threading.leastWork;
  const call: Call = {
    code: emitSortRows(order, length, inner),
    arguments: [
      ...[
        valueAt(x),
        valueAt(node),
        { kind: "workspace", start: 0, perThread, perChunk: 0 },
        ...PART,
      ] as const,
    ],
    division: { length: rows, multiple: 1, chunks: 0 },
    isParallel,
    work,
    isIndependent: false,
  };
  return { code: [call], scratch: isParallel ? threading.count * perThread : perThread };
}

/** Where a part begins, and how long it is. */
const PART: readonly Argument[] = [{ kind: "begin" }, { kind: "length" }];

/** The calls for one long row: for each digit its counts in parts of the row, the places they lead to, and moving. */
function rowCalls(
  node: Node,
  order: Order,
  { count: threads, leastWork }: Threading,
): { code: readonly Call[]; scratch: number } {
  const [x] = node.operands as [Node];
  const length = sizeOf(node.shape);
  const size = length * recordBytes(order.dtype);
  const digits = digitsOf(order);
  const isParallel = threads > 1 && WORK * digits.length * length >= leastWork;
  const shared = { isParallel, work: WORK * length / 2, isIndependent: false };
  const even = { length, multiple: LINE, chunks: 0 };
  const parts = { ...even, chunks: PARTS };
  const counts = workspaceAt(2 * size, countBytes(order));
  const places = wholeCall(emitPlaces(order, PARTS), [workspaceAt(2 * size)]);
  const element = bytesOfElement(x.dtype);
  const calls: Call[] = [{
    ...shared,
    code: emitKeys(order),
    arguments: [valueAt(x, 0, element), workspaceAt(0), ...PART],
    division: even,
  }];
  let [from, to] = [workspaceAt(0), workspaceAt(size)];
  for (const digit of digits) {
    calls.push(
      { ...shared, code: emitCount(order, digit), arguments: [from, counts, ...PART], division: parts },
      places,
      { ...shared, code: emitMove(order, digit), arguments: [from, to, counts, ...PART], division: parts },
    );
    [from, to] = [to, from];
  }
  calls.push({
    ...shared,
    code: emitPositions(order),
    arguments: [from, valueAt(node, 0, 8), ...PART],
    division: even,
  });
  return { code: calls, scratch: 2 * size + PARTS * countBytes(order) };
}

/** Walks along the rows of arrays, and searches in a row, as calls from compiled code that threads share. */
import { bytesOfElement, type DType } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import type { Node } from "../graph/nodes.ts";
import { LINE } from "../plan/division.ts";
import type { Threading } from "../plan/program.ts";
import {
  $,
  type Address,
  br_if,
  f32,
  f64,
  func,
  i32,
  type Local,
  local,
  loop,
  select,
  type WasmFunction,
} from "../wasm/writer.ts";
import { countDown, repeat, step } from "./control_flow.ts";
import { type Argument, type Call, valueAt } from "./step_function.ts";

/** About how many instructions an element of a walk takes, and a comparison of a search. */
const WORK = 4;

/** What a walk along a row carries from element to element. */
interface Walk {
  /** What it starts with before the first element; null if it starts with the first one of the last operand. */
  readonly start: 0 | 1 | null;
  /** Changes what is on the stack by an element of each operand; what it loads is widened to float64. */
  next(load: (operand: number) => void): void;
  /** Whether what is carried is written for each element; otherwise at the end only. */
  readonly writesAll: boolean;
}

const WALKS: ReadonlyMap<unknown, Walk> = new Map<unknown, Walk>([
  [op.cumSum, { start: 0, next: (load) => (load(0), f64.add()), writesAll: true }],
  [op.cumProd, { start: 1, next: (load) => (load(0), f64.mul()), writesAll: true }],
  [op.linearRecurrence, {
    start: null,
    next: (load) => (load(0), f64.mul(), load(1), f64.add()),
    writesAll: true,
  }],
  [op.prod, { start: 1, next: (load) => (load(0), f64.mul()), writesAll: false }],
]);

/** The call that walks along the rows of an array, or searches in one; null for any other node. */
export function walkCalls(
  node: Node,
  threading: Threading,
): { code: readonly Call[]; scratch: number } | null {
  if ([node, ...node.operands].some(({ shape }) => sizeOf(shape) === 0)) return null;
  if (node.operation === op.searchSorted) return searchCalls(node, threading);
  const walk = WALKS.get(node.operation);
  if (walk === undefined || node.operands.some(({ dtype }) => dtype !== node.dtype)) return null;
  const [x] = node.operands as [Node];
  const { axis, reverse = false } = node.attributes as { readonly axis: number; readonly reverse?: boolean };
  const length = x.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const code = emitWalk(walk, node, length, inner, reverse);
  const values: readonly Argument[] = [
    ...[...node.operands, node].map((operand) => valueAt(operand)),
    { kind: "begin" },
    { kind: "length" },
  ];
  const rows = sizeOf(x.shape) / length;
  // No two threads write to the same line of the cache.
  const multiple = inner > 1 || !walk.writesAll ? LINE : 1;
  return shared(code, values, rows, multiple, WORK * sizeOf(x.shape), threading);
}

/** Where values would go into a row. */
function searchCalls(
  node: Node,
  threading: Threading,
): { code: readonly Call[]; scratch: number } | null {
  if (!op.searchSorted.is(node)) return null;
  const [sorted, values] = node.operands as [Node, Node];
  const length = sizeOf(sorted.shape);
  const code = emitSearch(sorted.dtype, length, values.dtype, node.attributes.right);
  const size = sizeOf(node.shape);
  const given: readonly Argument[] = [
    valueAt(sorted),
    valueAt(values, 0, bytesOfElement(values.dtype)),
    valueAt(node, 0, 8),
    { kind: "length" },
  ];
  return shared(code, given, size, LINE, WORK * size * Math.log2(length + 1), threading);
}

function shared(
  code: WasmFunction,
  values: readonly Argument[],
  length: number,
  multiple: number,
  work: number,
  { count: threads, leastWork }: Threading,
): { code: readonly Call[]; scratch: number } {
  const isParallel = threads > 1 && work >= leastWork && length > multiple;
  const division = { length, multiple, chunks: 0 };
  return {
    code: [{ code, arguments: values, division, isParallel, work, isIndependent: false }],
    scratch: 0,
  };
}

/** Pushes an element as float64. */
function loadWide(dtype: DType, address: Address): void {
  if (dtype === "float32") f64.promote_f32(f32.load({}, address));
  else f64.load({}, address);
}

/**
 * A function of the addresses of all elements of each operand and of all results, and of which rows to walk along:
 * those along the middle axis of `[rows / inner, length, inner]`. What is carried is float64, as in eager code.
 */
function emitWalk(
  { start, next, writesAll }: Walk,
  { operands, dtype }: Node,
  length: number,
  inner: number,
  isReversed: boolean,
): WasmFunction {
  const bytes = bytesOfElement(dtype);
  const move = (isReversed ? -inner : inner) * bytes;
  const count = operands.length;
  return func(
    {
      in: new Array<typeof i32>(count + 3).fill(i32),
      locals: [f64, i32, i32, ...new Array<typeof i32>(count).fill(i32)],
      out: [],
    },
    (given, [carried, to, counter, ...places]) => {
      const arrays = given.slice(0, count);
      const [out, begin, rows] = given.slice(count) as [Address, Address, Address];
      const from = places as Address[];
      const load = (operand: number): void => loadWide(dtype, from[operand]!);
      const write = (): void => {
        local.get(to!);
        local.get(carried!);
        if (dtype === "float32") {
          f32.demote_f64();
          f32.store({});
        } else f64.store({});
      };
      const moveOn = (): void => {
        if (writesAll) {
          write();
          step(to!, move);
        }
        for (const address of from) step(address, move);
      };
      countDown(rows, () => {
        i32.mul(i32.div_u(begin, inner), length * inner);
        i32.add($, i32.rem_u(begin, inner));
        if (isReversed) i32.add($, (length - 1) * inner);
        i32.mul($, bytes);
        local.set(counter!);
        local.set(to!, writesAll ? i32.add(out, counter!) : i32.add(i32.mul(begin, bytes), out));
        from.forEach((address, i) => local.set(address, i32.add(arrays[i]!, counter!)));
        if (start === null) {
          load(count - 1);
          local.set(carried!);
          moveOn();
        } else local.set(carried!, start);
        repeat(counter!, start === null ? length - 1 : length, () => {
          local.get(carried!);
          next(load);
          local.set(carried!);
          moveOn();
        });
        if (!writesAll) write();
        step(begin, 1);
      });
    },
  );
}

/**
 * A function of the addresses of an ascending row, of values and of results, and of how many values there are. NaN
 * counts as the largest number.
 *
 * @param right Whether a value goes after elements equal to it
 */
function emitSearch(rowType: DType, length: number, valueType: DType, right: boolean): WasmFunction {
  const bytes = bytesOfElement(rowType);
  return func(
    { in: [i32, i32, i32, i32], locals: [i32, i32, i32, i32, f64, f64], out: [] },
    ([row, values, out, count], [low, high, middle, isBefore, value, element]) => {
      countDown(count, () => {
        loadWide(valueType, values);
        local.set(value);
        local.set(low, 0);
        local.set(high, length);
        loop({}, (label) => {
          local.set(middle, i32.shr_u(i32.add(low, high), 1));
          i32.add(i32.mul(middle, bytes), row);
          rowType === "float32" ? f64.promote_f32(f32.load({})) : f64.load({});
          local.set(element);
          // Chosen without a branch, as no one can guess which way it would go.
          right ? comesBefore(value, element) : comesBefore(element, value);
          local.set(isBefore, right ? i32.eqz() : undefined);
          choose(low, isBefore, () => i32.add(middle, 1), () => local.get(low));
          choose(high, isBefore, () => local.get(high), () => local.get(middle));
          i32.lt_u(low, high);
          br_if(label);
        });
        local.get(out);
        f64.convert_i32_u(low);
        f64.store({});
        step(values, bytesOfElement(valueType));
        step(out, 8);
      });
    },
  );
}

/** Sets a local to one of two numbers. */
function choose(to: Address, condition: Address, then: () => void, otherwise: () => void): void {
  then();
  otherwise();
  local.get(condition);
  select();
  local.set(to);
}

/** Pushes whether x comes before y: it is less, or a number while y is NaN. */
function comesBefore(x: Local<"f64">, y: Local<"f64">): void {
  f64.lt(x, y);
  f64.ne(y, y);
  f64.eq(x, x);
  i32.and();
  i32.or();
}

/** Operations that only move elements: the code of copies, and the calls of it. */
import { bytesOfElement, type DType } from "../../array/dtype.ts";
import { mergeAxes, sizeOf } from "../../array/shape.ts";
import { countDown, repeat, step } from "./control_flow.ts";
import { type Call, valueAt } from "./step_function.ts";
import type { Node } from "../graph/nodes.ts";
import { LINE } from "../plan/division.ts";
import { type Copy, fillsAll, type Movement } from "../plan/movement.ts";
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
  memory,
  v128,
  type WasmFunction,
} from "../wasm/writer.ts";

/** A function of an address and a count that clears so many elements there. */
export function emitClear(dtype: DType): WasmFunction {
  return addressFunction(2, { addresses: 0, vectors: 0 }, ([to, count]) => {
    local.get(to!);
    i32.const(0);
    i32.mul(count!, bytesOfElement(dtype));
    memory.fill();
  });
}

/** A block with axes that are one run of elements in both arrays as one axis; lengths and strides in elements. */
export function mergedCopy(copy: Copy): { lengths: number[]; from: number[]; to: number[] } {
  const { lengths, strides } = mergeAxes(copy.lengths, [copy.fromStrides, copy.toStrides]);
  return { lengths, from: strides[0]!, to: strides[1]! };
}

/**
 * A function of the addresses of two blocks that moves one to the other; its third parameter is how much of the
 * outermost axis of {@linkcode mergedCopy} it moves, at least 1.
 */
export function emitCopy(copy: Copy, dtype: DType): WasmFunction {
  const { lengths, from, to } = mergedCopy(copy);
  const narrow = dtype === "float32";
  const bytes = bytesOfElement(dtype);
  const lanes = 16 / bytes;
  const inner = lengths.length - 1;
  const contiguous = from[inner] === 1 && to[inner] === 1;
  return addressFunction(
    3,
    { addresses: lengths.length, vectors: 0 },
    ([source, target, part], counters) => {
      const element = (): void => {
        local.get(target!);
        narrow ? f32.load({}, source!) : f64.load({}, source!);
        if (copy.add) {
          narrow ? f32.load({}, target!) : f64.load({}, target!);
          narrow ? f32.add() : f64.add();
        }
        narrow ? f32.store({}) : f64.store({});
        step(source!, from[inner]! * bytes);
        step(target!, to[inner]! * bytes);
      };
      const vector = (): void => {
        local.get(target!);
        v128.load({}, source!);
        if (copy.add) {
          v128.load({}, target!);
          narrow ? f32x4.add() : f64x2.add();
        }
        v128.store({});
        step(source!, 16);
        step(target!, 16);
      };
      const axis = (at: number): void => {
        const length = lengths[at]!;
        const counter = counters[at]!;
        const code = at === inner ? element : () => {
          axis(at + 1);
          step(source!, (from[at]! - lengths[at + 1]! * from[at + 1]!) * bytes);
          step(target!, (to[at]! - lengths[at + 1]! * to[at + 1]!) * bytes);
        };
        const isContiguous = at === inner && contiguous;
        if (at === 0) {
          if (isContiguous) {
            repeatUnlessZero(counter, () => i32.div_u(part!, lanes), vector);
            repeatUnlessZero(counter, () => i32.and(part!, lanes - 1), code);
          } else {
            local.set(counter, part!);
            countDown(counter, code);
          }
          return;
        }
        const whole = isContiguous ? Math.floor(length / lanes) : 0;
        repeat(counter, whole, vector);
        repeat(counter, length - whole * lanes, code);
      };
      axis(0);
    },
  );
}

/** Repeats code as often as a number that is left on the stack says, maybe not at all. */
function repeatUnlessZero(counter: Address, times: () => void, code: () => void): void {
  times();
  local.tee(counter);
  if_({}, () => countDown(counter, code));
}

/** About how many instructions it takes to move an element, or a vector of elements. */
const WORK = 3;

/** The calls that move elements; copies that are large enough are shared by threads, along their outermost axis. */
export function movementCalls(
  node: Node,
  movement: Movement,
  threading: Threading,
): { code: readonly Call[]; scratch: number } {
  const element = bytesOfElement(node.dtype);
  const size = sizeOf(node.shape);
  const isFilled = fillsAll(movement, node.shape);
  const calls: Call[] = [];
  if (movement.clear && !isFilled) {
    calls.push({
      code: emitClear(node.dtype),
      arguments: [valueAt(node, 0, element), { kind: "length" }],
      ...divided(size, LINE, size / lanesOf(node.dtype), threading),
      isIndependent: false,
    });
  }
  for (const copy of movement.copies) {
    if (sizeOf(copy.lengths) === 0) continue;
    const { lengths, from, to } = mergedCopy(copy);
    calls.push({
      code: emitCopy(copy, node.dtype),
      arguments: [
        valueAt(node.operands[copy.operand]!, copy.fromOffset * element, from[0]! * element),
        valueAt(node, copy.toOffset * element, to[0]! * element),
        { kind: "length" },
      ],
      ...divided(lengths[0]!, lengths.length === 1 ? LINE : 1, workOf(copy, node), threading),
      // Blocks that fill the result beside one another.
      isIndependent: isFilled && calls.length > 0,
    });
  }
  return { code: calls, scratch: 0 };
}

function workOf(copy: Copy, node: Node): number {
  const { lengths, from, to } = mergedCopy(copy);
  const isVector = from.at(-1) === 1 && to.at(-1) === 1;
  return WORK * sizeOf(lengths) / (isVector ? lanesOf(node.dtype) : 1);
}

function divided(
  length: number,
  multiple: number,
  work: number,
  { count: threads, leastWork }: Threading,
): Pick<Call, "division" | "isParallel" | "work"> {
  const isParallel = threads > 1 && work >= leastWork && length > multiple;
  return { division: { length, multiple, chunks: 0 }, isParallel, work };
}

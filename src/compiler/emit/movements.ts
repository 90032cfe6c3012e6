/** Operations that only move elements, as calls from compiled code. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import type { Node } from "../graph/nodes.ts";
import { LINE } from "../plan/division.ts";
import { type Copy, fillsAll, type Movement } from "../plan/movement.ts";
import type { Threading } from "../plan/program.ts";
import { lanesOf } from "../wasm/linear_memory.ts";
import { emitClear, emitCopy, mergedCopy } from "./copies.ts";
import { type Call, valueAt } from "./step_function.ts";

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

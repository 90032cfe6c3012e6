/** Random numbers as calls of the kernels from compiled code. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sameShape, sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import type { DrawAttributes } from "../../primitives/random/random_uniform.ts";
import type { Node } from "../graph/nodes.ts";
import { LINE } from "../plan/division.ts";
import type { Threading } from "../plan/program.ts";
import { importedKernel } from "../kernels/linked_kernels.ts";
import { type Argument, type Call, valueAt } from "./step_function.ts";

/** Bytes of a key, or of the words of a counter. */
const KEY_BYTES = 16;
/** Elements that the kernel draws at a time; a part of the range is a multiple of it. */
const WHOLE = 24;
/** About how many instructions on vectors an element takes: two of float32 share a counter. */
const WORK_OF_SHARED_COUNTER = 15;
const WORK_OF_COUNTER = 30;

/** The call that draws a node's random numbers; null if it is no such node, or has to be run from outside. */
export function drawCalls(
  node: Node,
  threading: Threading,
): { code: readonly Call[]; scratch: number } | null {
  const isDraw = node.operation === op.randomUniform || node.operation === op.threefry;
  const fits = isDraw && sizeOf(node.shape) > 0 &&
    node.operands.every((o) => o.dtype === "float64" && o.shape.length > 0);
  if (!fits) return null;
  const call = node.operation === op.threefry ? wordsCall(node, threading) : uniformCall(node, threading);
  return call === null ? null : { code: [call], scratch: 0 };
}

/** Divided by elements under one key, by keys under several. */
function uniformCall(node: Node, { count: threads, leastWork }: Threading): Call {
  const [key] = node.operands as [Node];
  const { shape, dtype, form } = node.attributes as DrawAttributes;
  const bytes = bytesOfElement(dtype);
  const keys = sizeOf(key.shape) / 2;
  const count = sizeOf(shape);
  const planes = form === "words" ? 2 : 1;
  const work = keys * count * (planes === 1 && bytes === 4 ? WORK_OF_SHARED_COUNTER : WORK_OF_COUNTER) / 4;
  const isParallel = threads > 1 && work >= leastWork;
  const step = count * planes * bytes;
  const isOne = keys === 1;
  const part: Argument = { kind: "length" };
  return {
    code: importedKernel(dtype, form === "words" ? "words" : "uniform"),
    arguments: [
      valueAt(key, 0, isOne ? 0 : KEY_BYTES),
      valueAt(node, 0, isOne ? bytes : step),
      ...(isOne
        ? [number(1), number(step), { kind: "begin" } as const, part]
        : [part, number(step), number(0), number(count)]),
      number(count * bytes),
    ],
    division: isOne
      ? { length: count, multiple: WHOLE, chunks: 0 }
      : { length: keys, multiple: 1, chunks: 0 },
    isParallel,
    work,
    isIndependent: false,
  };
}

/** Words for counters, under one key or one key for each; null where the two broadcast in another way. */
function wordsCall(node: Node, { count: threads, leastWork }: Threading): Call | null {
  const [key, counters] = node.operands as [Node, Node];
  const steps = [key, counters].map(({ shape }) =>
    sizeOf(shape) === 2 ? 0 : sameShape(shape, node.shape) ? KEY_BYTES : null
  );
  if (steps.includes(null)) return null;
  const count = sizeOf(node.shape) / 2;
  const work = count * WORK_OF_COUNTER / 4;
  return {
    code: importedKernel("float64", "threefry"),
    arguments: [
      valueAt(key, 0, steps[0]!),
      valueAt(counters, 0, steps[1]!),
      valueAt(node, 0, KEY_BYTES),
      { kind: "length" },
      ...steps.map((step) => number(step!)),
    ],
    division: { length: count, multiple: LINE, chunks: 0 },
    isParallel: threads > 1 && work >= leastWork,
    work,
    isIndependent: false,
  };
}

function number(value: number): Argument {
  return { kind: "number", value };
}

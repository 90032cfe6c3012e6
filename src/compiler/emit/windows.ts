/** Pooling as calls from compiled code, so that threads can share it. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import type { PoolingWindow } from "../../primitives/neural/max_pool_indices.ts";
import type { Node } from "../graph/nodes.ts";
import { importedKernel, PARAMETERS } from "../kernels/linked_kernels.ts";
import type { Threading } from "../plan/program.ts";
import { lanesOf } from "../wasm/linear_memory.ts";
import { type Address, addressFunction, call, i32, local, type WasmFunction } from "../wasm/writer.ts";
import { type Argument, type Call, valueAt } from "./step_function.ts";

/** About how many instructions on vectors an element takes that is looked up, or looked at under a window. */
const WORK = 4;

/**
 * The call of a step of max pooling that threads share: finding the positions of the largest elements, taking what
 * stands there, and adding up what is handed back to there; null for any other step, and for too little work.
 */
export function poolingCalls(
  node: Node,
  { count: threads, leastWork }: Threading,
): { code: readonly Call[]; scratch: number } | null {
  if (threads < 2 || node.operands.some(({ shape }) => sizeOf(shape) === 0)) return null;
  const [x, indices] = node.operands as [Node, Node];
  const work = WORK * sizeOf((indices ?? node).shape);
  if (op.maxPoolIndices.is(node)) {
    const window = node.attributes as PoolingWindow;
    const size = window.window[0] * window.window[1];
    return shared(x.shape[0]!, 1, work * size / lanesOf(x.dtype), leastWork, emitLargest(x, node, window), [
      valueAt(x, 0, sizeOf(x.shape.slice(1)) * bytesOfElement(x.dtype)),
      valueAt(node, 0, sizeOf(node.shape.slice(1)) * 8),
      ...PART,
    ]);
  }
  // Positions that pooling has found are those of the same image, and need no check.
  if (indices?.operation !== op.maxPoolIndices || x.dtype !== node.dtype) return null;
  const [images] = indices.operands as [Node];
  const element = bytesOfElement(node.dtype);
  if (node.operation === op.gather && x.shape.length === 1) {
    return shared(sizeOf(indices.shape), 16, work, leastWork, importedKernel(node.dtype, "gather"), [
      ...[valueAt(x), valueAt(indices, 0, 8), valueAt(node, 0, element), { kind: "length" }] as const,
    ]);
  }
  if (node.operation !== op.scatterAdd || node.shape.length !== 1) return null;
  if (sizeOf(node.shape) !== sizeOf(images.shape)) return null;
  const batch = images.shape[0]!;
  const found = sizeOf(indices.shape) / batch;
  return shared(batch, 1, work, leastWork, emitScatter(node, found, sizeOf(images.shape) / batch), [
    ...[valueAt(x, 0, found * element), valueAt(indices, 0, found * 8), valueAt(node), ...PART],
  ]);
}

/** Where a part begins, and how long it is. */
const PART: readonly Argument[] = [{ kind: "begin" }, { kind: "length" }];

function shared(
  length: number,
  multiple: number,
  work: number,
  leastWork: number,
  code: WasmFunction,
  values: readonly Argument[],
): { code: readonly Call[]; scratch: number } | null {
  if (work < leastWork || length < 2 * multiple) return null;
  const division = { length, multiple, chunks: 0 };
  return {
    code: [{ code, arguments: values, division, isParallel: true, work, isIndependent: false }],
    scratch: 0,
  };
}

/** A function of the addresses of images and their positions, and of which images these are. */
function emitLargest(
  x: Node,
  node: Node,
  { window, strides, dilations, padding }: PoolingWindow,
): WasmFunction {
  const [, height, width, channels] = x.shape as [number, number, number, number];
  const [, outHeight, outWidth] = node.shape as [number, number, number];
  const numbers: Readonly<Record<string, number>> = {
    ...{ height, width, channels, outHeight, outWidth, top: padding[0], left: padding[2] },
    ...{ window0: window[0], window1: window[1], stride0: strides[0], stride1: strides[1] },
    ...{ dilation0: dilations[0], dilation1: dilations[1] },
  };
  return addressFunction(4, { addresses: 0, vectors: 0 }, (given) => {
    const [from, out, begin, length] = given as [Address, Address, Address, Address];
    for (const name of PARAMETERS.largest) {
      if (name === "x") local.get(from);
      else if (name === "out") local.get(out);
      else if (name === "images") local.get(length);
      else if (name === "first") i32.mul(begin, height * width * channels);
      else i32.const(numbers[name]!);
    }
    call(importedKernel(x.dtype, "largest"));
  });
}

/** A function of the addresses of numbers and positions of some images and of all results, and of which images. */
function emitScatter(node: Node, found: number, size: number): WasmFunction {
  const bytes = size * bytesOfElement(node.dtype);
  return addressFunction(5, { addresses: 0, vectors: 0 }, (given) => {
    const [x, indices, out, begin, length] = given as [Address, Address, Address, Address, Address];
    i32.add(i32.mul(begin, bytes), out);
    i32.mul(length, bytes);
    call(importedKernel(node.dtype, "clear"));
    for (const address of [x, indices, out]) local.get(address);
    i32.mul(length, found);
    call(importedKernel(node.dtype, "scatterAdd"));
  });
}

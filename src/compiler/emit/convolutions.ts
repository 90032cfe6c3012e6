/** Convolutions as calls from compiled code, so that threads can share them. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import type { Node } from "../graph/nodes.ts";
import { importedKernel, PARAMETERS } from "../kernels/linked_kernels.ts";
import { operation as op } from "../../primitives/mod.ts";
import type { ConvolutionCase } from "../kernels/convolution.ts";
import { convolutionCase } from "../kernels/kernel_steps.ts";
import { TILE_BYTES } from "../kernels/parameters.ts";
import { recordConvolution, type RecordedCall } from "../kernels/recorded_convolution.ts";
import type { Threading } from "../plan/program.ts";
import type { Member } from "../plan/region_members.ts";
import { bytesOf, lanesOf, paddedSize } from "../wasm/linear_memory.ts";
import {
  $,
  type Address,
  addressFunction,
  br_if,
  call,
  i32,
  if_,
  local,
  loop,
  select,
  type WasmFunction,
} from "../wasm/writer.ts";
import type { Part } from "./regions/parts.ts";
import { type Argument, type Call, valueAt } from "./step_function.ts";

/** Convolutions of more calls for an image than this are run from outside, in one thread. */
const MOST_CALLS = 400;

/**
 * The call of a convolution that threads share, by images or, for the gradient of filters, by their columns; null if
 * it is too small for that, or can't be divided.
 */
export function convolutionCalls(
  node: Node,
  { count: threads, leastWork }: Threading,
): { code: readonly Call[]; scratch: number; isPadded: boolean } | null {
  const about = convolutionCase(node);
  const [kind, image, , result, { groups }, dtype] = about;
  const [x, y] = node.operands as [Node, Node];
  const work = workOf(about);
  if (threads < 2 || work < leastWork) return null;
  const { plan, first, next } = recordConvolution(...about);
  if (plan.parts < 2 || first.length + next.length > MOST_CALLS) return null;
  const batch = image[0]!;
  const perThread = paddedSize(plan.scratchBytes);
  const workspace: Argument = { kind: "workspace", start: 0, perThread, perChunk: 0 };
  const shared = {
    division: { length: plan.parts, multiple: 1, chunks: 0 },
    isParallel: true,
    work,
  } as const;
  const scratch = threads * perThread;
  const { isPadded } = plan;
  if (kind !== "convFilterGradient") {
    const [from, to] = [bytesOf(x) / batch, bytesOf(node) / batch];
    const code: Call = {
      ...shared,
      code: emitImages(dtype, first, next, from, to),
      arguments: [valueAt(x, 0, from), valueAt(y), valueAt(node, 0, to), workspace, { kind: "length" }],
      isIndependent: false,
    };
    return { code: [code], scratch, isPadded };
  }
  // Parts of groups have columns of their own in both operands.
  if (groups > 1) return null;
  const code: Call = {
    ...shared,
    code: emitColumns(dtype, first, next, {
      batch,
      image: bytesOf(x) / batch,
      result: bytesOf(y) / batch,
      columns: result[3]!,
    }),
    arguments: [
      ...[valueAt(x), valueAt(y, 0, TILE_BYTES), valueAt(node, 0, TILE_BYTES), workspace],
      ...[{ kind: "begin" }, { kind: "length" }] as const,
    ],
    isIndependent: false,
  };
  return { code: [code], scratch, isPadded };
}

/** Whether a convolution can be done image by image from compiled code, with filters that are packed once. */
export function hasImages(node: Node): boolean {
  return imagesOf(node) !== null;
}

/** The part of a region that a convolution is which {@linkcode hasImages}. */
export function convolutionPart({ group }: Member): Part {
  const node = group.nodes[0]!;
  const { dtype } = node;
  const { preparation, first, next, from, to, scratchBytes } = imagesOf(node)!;
  const [x, y] = node.operands as [Node, Node];
  return {
    code: emitImages(dtype, first, next, from, to),
    prepare: addressFunction(5, { addresses: 0, vectors: 0 }, (given) => {
      const [x, y, out, scratch] = given as [Address, Address, Address, Address];
      emitCalls(dtype, preparation, { x, y, out, scratch });
    }),
    arguments: [
      { kind: "value", node: x, step: from },
      { kind: "value", node: y, step: 0 },
      { kind: "value", node, step: to },
      { kind: "room" },
      { kind: "count" },
    ],
    room: scratchBytes,
    work: workOf(convolutionCase(node)),
    canDivide: true,
    before: null,
  };
}

/** A convolution image by image: what is done before the first, for it, and for the second, counted from the first. */
interface Images {
  readonly preparation: readonly RecordedCall[];
  readonly first: readonly RecordedCall[];
  readonly next: readonly RecordedCall[];
  /** Bytes from one image, and from one result, to the next. */
  readonly from: number;
  readonly to: number;
  readonly scratchBytes: number;
}

/** Null where images can't be done one by one, where the calls differ, or where zeros around them are multiplied. */
function imagesOf(node: Node): Images | null {
  if (node.operation === op.convFilterGradient) return null;
  const { plan, first: all, next } = recordConvolution(...convolutionCase(node));
  if (plan.isPadded || all.length > MOST_CALLS || all.length < next.length) return null;
  const images = node.shape[0]!;
  const [from, to] = [bytesOf(node.operands[0]!) / images, bytesOf(node) / images];
  const steps = { x: from, out: to, y: 0, scratch: 0 };
  const first = all.slice(all.length - next.length);
  const isSame = first.every(({ kernel, values }, i) =>
    kernel === next[i]!.kernel && values.every(({ base, value }, k) => {
      const other = next[i]!.values[k]!;
      return base === other.base && value + (base === null ? 0 : steps[base]) === other.value;
    })
  );
  if (!isSame) return null;
  const preparation = all.slice(0, all.length - next.length);
  return { preparation, first, next, from, to, scratchBytes: plan.scratchBytes };
}

/** About how many instructions on vectors a convolution takes. */
function workOf([, , filters, result, , dtype]: ConvolutionCase): number {
  return sizeOf(result) * sizeOf(filters.slice(0, 3)) / lanesOf(dtype);
}

/** Where the bases of recorded calls stand, and how many columns there are if that differs from part to part. */
type Places = Readonly<Record<"x" | "y" | "out" | "scratch", Address>> & { readonly columns?: Address };

function emitCalls(dtype: Node["dtype"], calls: readonly RecordedCall[], places: Places): void {
  for (const { kernel, values } of calls) {
    values.forEach(({ base, value }, k) => {
      const isColumns = places.columns !== undefined && PARAMETERS[kernel][k] === "columns";
      if (isColumns) local.get(places.columns!);
      else if (base === null) i32.const(value);
      else i32.add(places[base], value);
    });
    call(importedKernel(dtype, kernel));
  }
}

/** A function of the addresses of the first image and of the first result, and of how many there are. */
function emitImages(
  dtype: Node["dtype"],
  first: readonly RecordedCall[],
  next: readonly RecordedCall[],
  from: number,
  to: number,
): WasmFunction {
  return addressFunction(5, { addresses: 0, vectors: 0 }, (given) => {
    const [x, y, out, scratch, count] = given as [Address, Address, Address, Address, Address];
    const places = { x, y, out, scratch };
    emitCalls(dtype, first, places);
    repeatForOthers(count, () => {
      emitCalls(dtype, next, places);
      local.set(x, i32.add(x, from));
      local.set(out, i32.add(out, to));
    });
  });
}

/** A function of the addresses of all images and of some columns of results and filters, and of which these are. */
function emitColumns(
  dtype: Node["dtype"],
  first: readonly RecordedCall[],
  next: readonly RecordedCall[],
  sizes: {
    readonly batch: number;
    readonly image: number;
    readonly result: number;
    readonly columns: number;
  },
): WasmFunction {
  const across = TILE_BYTES / bytesOfElement(dtype);
  return addressFunction(6, { addresses: 2, vectors: 0 }, (given, [columns, count]) => {
    const [x, y, out, scratch, begin, length] = given as [
      Address,
      Address,
      Address,
      Address,
      Address,
      Address,
    ];
    // The last part ends where the columns do.
    local.set(columns!, i32.mul(length, across));
    i32.const(sizes.columns);
    local.set(length, i32.sub($, i32.mul(begin, across)));
    local.get(columns!);
    local.get(length);
    i32.lt_s(columns!, length);
    select();
    local.set(columns!);
    const places = { x, y, out, scratch, columns: columns! };
    emitCalls(dtype, first, places);
    local.set(count!, sizes.batch);
    repeatForOthers(count!, () => {
      emitCalls(dtype, next, places);
      local.set(x, i32.add(x, sizes.image));
      local.set(y, i32.add(y, sizes.result));
    });
  });
}

/** Runs code for each of a count but the first. */
function repeatForOthers(count: Address, code: () => void): void {
  i32.gt_s(count, 1);
  if_({}, () =>
    loop({}, (label) => {
      code();
      local.set(count, i32.sub(count, 1));
      i32.gt_s(count, 1);
      br_if(label);
    }));
}

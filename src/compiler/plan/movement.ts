/** Operations that only move elements, as blocks that go from one array to another. */
import { flatIndex, type Shape, sizeOf, stridesOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import type { Node } from "../graph/nodes.ts";
import { assemble } from "../passes/assemble_blocks.ts";

/** A block of elements moved from one array to another. */
export interface Copy {
  /** Which operand it comes from. */
  readonly operand: number;
  /** Where the block begins in the operand and in the result, in elements. */
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly lengths: Shape;
  /** In elements, along each axis of the block. */
  readonly fromStrides: readonly number[];
  readonly toStrides: readonly number[];
  /** Whether elements are added to what is there. */
  readonly add: boolean;
}

/** An operation that only moves elements: what is moved, and whether the result is cleared first. */
export interface Movement {
  readonly clear: boolean;
  readonly copies: readonly Copy[];
}

/** How an operation moves elements; null for one that computes something. */
export function movementOf(node: Node): Movement | null {
  const { operands, shape, dtype } = node;
  if (operands.some((o) => o.dtype !== dtype)) return null;
  const strides = stridesOf(shape);
  const [x] = operands;
  const whole = { operand: 0, fromOffset: 0, toOffset: 0, add: false };
  if (op.transpose.is(node)) {
    const from = stridesOf(x!.shape);
    const { axes } = node.attributes;
    const fromStrides = axes.map((axis) => from[axis]!);
    return { clear: false, copies: [{ ...whole, lengths: shape, fromStrides, toStrides: strides }] };
  }
  if (op.slice.is(node)) {
    const { begin } = node.attributes;
    const fromOffset = flatIndex(begin, x!.shape);
    const fromStrides = stridesOf(x!.shape);
    return {
      clear: false,
      copies: [{ ...whole, fromOffset, lengths: shape, fromStrides, toStrides: strides }],
    };
  }
  if (op.concat.is(node)) {
    const { axis } = node.attributes;
    let position = 0;
    const copies = operands.map((part, operand) => {
      const toOffset = position * strides[axis]!;
      position += part.shape[axis]!;
      return { ...placed(part, operand, strides), toOffset };
    });
    return { clear: false, copies };
  }
  if (op.place.is(node)) {
    const { begin } = node.attributes;
    return { clear: true, copies: [{ ...placed(x!, 0, strides), toOffset: flatIndex(begin, shape) }] };
  }
  if (op.stridedSlice.is(node)) {
    const { begin, step } = node.attributes;
    const from = stridesOf(x!.shape);
    const fromStrides = from.map((s, i) => s * step[i]!);
    const fromOffset = flatIndex(begin, x!.shape);
    return {
      clear: false,
      copies: [{ ...whole, fromOffset, lengths: shape, fromStrides, toStrides: strides }],
    };
  }
  if (op.stridedPlace.is(node) || op.assignSlice.is(node)) {
    const { begin, step } = node.attributes;
    const toStrides = strides.map((s, i) => s * step[i]!);
    const operand = operands.length - 1;
    const block = { ...placed(operands[operand]!, operand, toStrides), toOffset: flatIndex(begin, shape) };
    return operand === 0
      ? { clear: true, copies: [block] }
      : { clear: false, copies: [placed(x!, 0, strides), block] };
  }
  if (assemble.is(node)) {
    const { begins } = node.attributes;
    const copies = operands.map((part, operand) => ({
      ...placed(part, operand, strides),
      toOffset: flatIndex(begins[operand]!, shape),
      add: true,
    }));
    return { clear: true, copies };
  }
  return null;
}

/** A whole operand as a block of the result. */
function placed(part: Node, operand: number, toStrides: readonly number[]): Copy {
  return {
    operand,
    fromOffset: 0,
    toOffset: 0,
    lengths: part.shape,
    fromStrides: stridesOf(part.shape),
    toStrides,
    add: false,
  };
}

/** The elements that a movement writes to need no clearing first if its copies fill the whole result. */
export function fillsAll({ copies }: Movement, shape: Shape): boolean {
  return copies.reduce((sum, copy) => sum + sizeOf(copy.lengths), 0) === sizeOf(shape) &&
    copies.every((copy) => !copy.add);
}

import { fullArray } from "../../../array/nd_array.ts";
import { broadcastShapes, type Shape, sizeOf } from "../../../array/shape.ts";
import { concat, pad, split, tril, triu } from "../../../functions/mod.ts";
import { operation as op } from "../../../primitives/mod.ts";
import { apply } from "../../../variable/apply.ts";
import { constant, type Variable } from "../../../variable/mod.ts";
import type { OnnxValue, Reader, Reading } from "./reading.ts";

/** Integers that are known, as a vector or a number. */
const integers = (values: readonly number[], shape: Shape = [values.length]): OnnxValue => ({
  x: shape.length === 0 ? constant(values[0]!) : constant(Float64Array.from(values)).reshape(shape),
  type: "int64",
});

const reshape: Reader = (r) => {
  const { shape } = r.x;
  const stated = r.numbersOr(1, "shape") ?? [];
  const target = stated.map((length, i) => length === 0 && !r.flag("allowzero") ? shape[i] ?? 0 : length);
  return r.like(r.x.reshape(target));
};

const flatten: Reader = (r) => {
  const { shape } = r.x;
  const axis = r.number("axis", 1);
  const at = axis < 0 ? axis + shape.length : axis;
  return r.like(r.x.reshape([sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at))]));
};

const squeeze: Reader = (r) => {
  const axes = r.numbersOr(1, "axes");
  return r.like(axes === undefined ? r.x.squeeze() : r.x.squeeze(axes));
};

const unsqueeze: Reader = (r) => {
  const axes = r.numbersOr(1, "axes") ?? [];
  const rank = r.x.rank + axes.length;
  const added = new Set(axes.map((axis) => r.countedAxis(axis, rank)));
  const rest = [...r.x.shape];
  return r.like(r.x.reshape(Array.from({ length: rank }, (_, i) => added.has(i) ? 1 : rest.shift() ?? 1)));
};

const expand: Reader = (r) =>
  r.like(r.x.broadcastTo(r.checkedShape(broadcastShapes("Expand", r.x.shape, r.numbers(1)))));

const splitAxis: Reader = (r) => {
  const axis = r.axis(0);
  const length = r.x.shape[axis]!;
  const count = r.node.outputs.length;
  // Without lengths the parts are equal, but for the last one.
  const each = Math.ceil(length / count);
  const lengths = r.numbersOr(1, "split") ??
    Array.from({ length: count }, (_, i) => Math.max(0, Math.min(each, length - i * each)));
  return (split(r.x, lengths as number[], { axis }) as Variable[]).map((part) => r.like(part));
};

/** Parts of some axes, which may run backwards and reach beyond the ends. */
const slice: Reader = (r) => {
  const { shape, rank } = r.x;
  const starts = r.numbersOr(1, "starts") ?? [];
  const ends = r.numbersOr(2, "ends") ?? [];
  const axes = r.numbersOr(3, "axes") ?? starts.map((_, i) => i);
  const steps = r.has(4) ? r.numbers(4) : starts.map(() => 1);
  const block = { begin: shape.map(() => 0), size: [...shape], step: shape.map(() => 1) };
  axes.forEach((stated, i) => {
    const axis = r.countedAxis(stated, rank);
    const [length, step] = [shape[axis]!, steps[i]!];
    if (step === 0) throw r.unsupported("a step of 0");
    const within = (at: number): number => {
      const counted = at < 0 ? at + length : at;
      return step > 0 ? Math.min(Math.max(counted, 0), length) : Math.min(Math.max(counted, -1), length - 1);
    };
    const [begin, end] = [within(starts[i]!), within(ends[i]!)];
    block.size[axis] = Math.max(0, Math.ceil((end - begin) / step));
    block.begin[axis] = block.size[axis] === 0 ? 0 : begin;
    block.step[axis] = step;
  });
  return r.like(apply(op.stridedSlice, [r.x], block));
};

const padAxes: Reader = (r) => {
  const { rank } = r.x;
  const stated = r.numbersOr(1, "pads") ?? [];
  const axes = r.has(3) ? r.numbers(3).map((axis) => r.countedAxis(axis)) : r.x.shape.map((_, i) => i);
  const widths = Array.from({ length: rank }, (): [number, number] => [0, 0]);
  axes.forEach((axis, i) => widths[axis] = [stated[i]!, stated[axes.length + i]!]);
  r.checkedShape(r.x.shape.map((length, axis) => Math.max(0, length + widths[axis]![0] + widths[axis]![1])));
  const mode = r.text("mode", "constant");
  if (mode === "reflect" || mode === "edge") return r.like(pad(r.x, widths, { mode }));
  if (mode !== "constant") throw r.unsupported(`the mode ${mode}`);
  return r.like(pad(r.x, widths, { value: r.has(2) ? r.numbers(2)[0]! : r.number("value", 0) }));
};

const tile: Reader = (r) => {
  const repeats = r.numbers(1);
  r.checkedShape(r.x.shape.map((length, i) => length * (repeats[i] ?? 1)));
  return r.like(r.x.tile(repeats));
};

const transposed: Reader = (r) =>
  r.like(r.x.rank === 0 ? r.x : r.x.permute(r.integers("perm") ?? r.x.shape.map((_, i) => r.x.rank - 1 - i)));

const shapeOf: Reader = (r) => {
  const clamp = (at: number): number => Math.min(Math.max(at < 0 ? at + r.x.rank : at, 0), r.x.rank);
  return integers(r.x.shape.slice(clamp(r.number("start", 0)), clamp(r.number("end", r.x.rank))));
};

const constantOfShape: Reader = (r) => {
  const shape = r.checkedShape(r.numbers(0));
  const value = r.tensor("value");
  const dtype = value?.array.dtype ?? "float32";
  return { x: constant(fullArray(shape, value?.array.data[0] ?? 0, dtype)), type: value?.type ?? "float32" };
};

const constantValue: Reader = (r) => {
  const value = r.tensor("value");
  if (value !== undefined) return r.constant(value);
  const { attributes } = r.node;
  if (attributes.has("value_float")) {
    return { x: constant(r.number("value_float", 0), { dtype: "float32" }), type: "float32" };
  }
  if (attributes.has("value_int")) return integers([r.number("value_int", 0)], []);
  if (attributes.has("value_ints")) return integers(r.integers("value_ints")!);
  if (attributes.has("value_floats")) {
    return { x: constant(Float32Array.from(r.integers("value_floats")!)), type: "float32" };
  }
  throw r.unsupported("a constant that is no tensor of numbers");
};

const range: Reader = (r) => {
  const [start, limit, delta] = [0, 1, 2].map((k) => r.numbers(k)[0]!) as [number, number, number];
  const [count] = r.checkedShape([Math.max(0, Math.ceil((limit - start) / delta))]);
  const data = Array.from({ length: count! }, (_, i) => start + i * delta);
  return r.like(constant(r.x.dtype === "float32" ? Float32Array.from(data) : Float64Array.from(data)));
};

const triangle: Reader = (r) => {
  const diagonal = r.has(1) ? r.numbers(1)[0]! : 0;
  return r.like(r.flag("upper", true) ? triu(r.x, { offset: diagonal }) : tril(r.x, { offset: diagonal }));
};

/** Blocks of channels as pixels; channels stand second. */
const depthToSpace: Reader = (r) => {
  const [batch, channels, height, width] = r.x.shape as [number, number, number, number];
  const size = r.number("blocksize", 1);
  const rest = channels / size ** 2;
  const columnsFirst = r.text("mode", "DCR") === "CRD";
  const parted = columnsFirst
    ? r.x.reshape([batch, rest, size, size, height, width]).permute([0, 1, 4, 2, 5, 3])
    : r.x.reshape([batch, size, size, rest, height, width]).permute([0, 3, 4, 1, 5, 2]);
  return r.like(parted.reshape([batch, rest, height * size, width * size]));
};

const spaceToDepth: Reader = (r) => {
  const [batch, channels, height, width] = r.x.shape as [number, number, number, number];
  const size = r.number("blocksize", 1);
  const parted = r.x.reshape([batch, channels, height / size, size, width / size, size]);
  const channelsOf = [batch, channels * size ** 2, height / size, width / size];
  return r.like(parted.permute([0, 3, 5, 1, 2, 4]).reshape(channelsOf));
};

const joined = (r: Reading): Variable => concat(r.all, { axis: r.axis(0) });

/** Operators that move elements, and those that know shapes. */
export const SHAPES: Readonly<Record<string, Reader>> = {
  Concat: (r) => r.like(joined(r)),
  Constant: constantValue,
  ConstantOfShape: constantOfShape,
  DepthToSpace: depthToSpace,
  Expand: expand,
  EyeLike: (r) => r.like(triu(tril(r.x.mul(0).add(1)))),
  Flatten: flatten,
  Pad: padAxes,
  Range: range,
  Reshape: reshape,
  Shape: shapeOf,
  Size: (r) => integers([r.x.size], []),
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: splitAxis,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transposed,
  Trilu: triangle,
  Unsqueeze: unsqueeze,
};

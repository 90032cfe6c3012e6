/** How products, convolutions, pooling and normalizations are written. */
import type { Attributes } from "../../../primitives/mod.ts";
import { type Shape, sizeOf } from "../../../array/shape.ts";
import type { Body, Tensor } from "../body.ts";
import { type ElementType, typeText } from "../types.ts";
import { comesBefore } from "./reductions.ts";
import { first, type ProductPrecision, second, type Writer } from "./writing.ts";

type Geometry = Attributes<"conv2d">;

export const matmul: Writer<Attributes<"matmul">> = (w) => {
  const { body, attributes: { transposeX, transposeY }, shape, type, precision } = w;
  const batch = shape.slice(0, -2);
  const rank = shape.length;
  const [x, y] = w.inputs.map((m) => body.broadcast(m, [...batch, ...m.shape.slice(-2)])) as [Tensor, Tensor];
  const batched = batch.map((_, i) => i).join(", ");
  const contracting = `[${transposeX ? rank - 2 : rank - 1}] x [${transposeY ? rank - 1 : rank - 2}]`;
  const dims = `${
    batch.length > 0 ? `, batching_dims = [${batched}] x [${batched}]` : ""
  }, contracting_dims = ${contracting}`;
  return product(body, precision, [x, y], type, (operands, suffix, resultType) =>
    body.call(
      "stablehlo.dot_general",
      operands,
      shape,
      resultType,
      `${dims}${suffix === "" ? "" : `, precision = [${suffix}, ${suffix}]`}`,
    ));
};

/** Writes a product in a precision; bfloat16 means operands, while sums are kept in float32. */
function product(
  body: Body,
  precision: ProductPrecision,
  operands: readonly Tensor[],
  type: ElementType,
  write: (operands: readonly Tensor[], precision: string, type: ElementType) => Tensor,
): Tensor {
  if (precision !== "bfloat16" || type !== "f32") {
    return write(operands, precision === "default" ? "" : "HIGHEST", type);
  }
  return write(operands.map((x) => body.convert(x, "bf16")), "", "f32");
}

export const conv2d: Writer<Geometry> = (w) => {
  const { strides, padding: [top, bottom, left, right], dilations, groups } = w.attributes;
  return convolution(w.body, w.precision, first(w), second(w), w.shape, w.type, {
    dims: "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]",
    stride: strides,
    pad: [[top, bottom], [left, right]],
    lhsDilate: [1, 1],
    rhsDilate: dilations,
    reverse: false,
    groups,
    batchGroups: 1,
  });
};

export const convInputGradient: Writer<Attributes<"convInputGradient">> = (w) => {
  const { body, shape } = w;
  const { strides, padding: [top, , left], dilations, groups } = w.attributes;
  const [g, filters] = w.inputs as [Tensor, Tensor];
  const [height, width, perGroup, outChannels] = filters.shape as [number, number, number, number];
  const outPerGroup = outChannels / groups;
  // The filters of each group, with in and out exchanged.
  const split = body.reshape(filters, [height, width, perGroup, groups, outPerGroup]);
  const turned = body.reshape(body.transpose(split, [0, 1, 4, 3, 2]), [
    height,
    width,
    outPerGroup,
    groups * perGroup,
  ]);
  const pad = [top, left].map((before, i): [number, number] => {
    const window = (filters.shape[i]! - 1) * dilations[i]!;
    const used = (g.shape[i + 1]! - 1) * strides[i]! + 1;
    return [window - before, shape[i + 1]! - used + before];
  });
  return convolution(body, w.precision, g, turned, shape, w.type, {
    dims: "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]",
    stride: [1, 1],
    pad,
    lhsDilate: strides,
    rhsDilate: dilations,
    reverse: true,
    groups,
    batchGroups: 1,
  });
};

export const convFilterGradient: Writer<Attributes<"convFilterGradient">> = (w) => {
  const { body, shape } = w;
  const { strides, padding: [top, , left], dilations, groups } = w.attributes;
  const [x, g] = w.inputs as [Tensor, Tensor];
  const pad = [top, left].map((before, i): [number, number] => {
    const window = (shape[i]! - 1) * dilations[i]!;
    const used = (g.shape[i + 1]! - 1) * strides[i]! + 1;
    return [before, window + used - x.shape[i + 1]! - before];
  });
  return convolution(body, w.precision, x, g, shape, w.type, {
    dims: "[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]",
    stride: dilations,
    pad,
    lhsDilate: [1, 1],
    rhsDilate: strides,
    reverse: false,
    groups: 1,
    batchGroups: groups,
  });
};

interface Convolution {
  readonly dims: string;
  readonly stride: readonly number[];
  readonly pad: readonly (readonly [number, number])[];
  readonly lhsDilate: readonly number[];
  readonly rhsDilate: readonly number[];
  readonly reverse: boolean;
  readonly groups: number;
  readonly batchGroups: number;
}

function convolution(
  body: Body,
  precision: ProductPrecision,
  x: Tensor,
  filters: Tensor,
  shape: Shape,
  type: ElementType,
  c: Convolution,
): Tensor {
  if (sizeOf(shape) === 0 || sizeOf(x.shape) === 0) return body.constant(0, shape, type);
  const list = (values: readonly unknown[]): string => `[${values.join(", ")}]`;
  const window = `{stride = ${list(c.stride)}, pad = ${list(c.pad.map(list))}, lhs_dilate = ${
    list(c.lhsDilate)
  }, rhs_dilate = ${list(c.rhsDilate)}, reverse = ${list([c.reverse, c.reverse])}}`;
  return product(body, precision, [x, filters], type, (operands, suffix, resultType) => {
    const [a, b] = operands as [Tensor, Tensor];
    const config = suffix === ""
      ? ""
      : `, precision_config = [#stablehlo<precision ${suffix}>, #stablehlo<precision ${suffix}>]`;
    return body.value(
      `stablehlo.convolution(${a.name}, ${b.name}) dim_numbers = ${c.dims}, window = ${window} {batch_group_count = ${c.batchGroups} : i64, feature_group_count = ${c.groups} : i64${config}} : (${
        typeText(a.shape, a.type)
      }, ${typeText(b.shape, b.type)}) -> ${typeText(shape, resultType)}`,
      shape,
      resultType,
    );
  });
}

export const maxPoolIndices: Writer<Attributes<"maxPoolIndices">> = (w) => {
  const { body, shape } = w;
  const { window, strides, padding: [top, bottom, left, right], dilations } = w.attributes;
  const x = first(w);
  const positions = body.reshape(body.iota([sizeOf(x.shape)], 0, "i32"), x.shape);
  // What comes before all: an element that is not there.
  const inits = [body.constant(-Infinity, [], x.type), body.constant(2 ** 31 - 1, [], "i32")];
  const attributes = [
    `window_dimensions = array<i64: 1, ${window.join(", ")}, 1>`,
    `window_strides = array<i64: 1, ${strides.join(", ")}, 1>`,
    `window_dilations = array<i64: 1, ${dilations.join(", ")}, 1>`,
    `padding = dense<[[0, 0], [${top}, ${bottom}], [${left}, ${right}], [0, 0]]> : tensor<4x2xi64>`,
  ];
  const [, where] = body.withRegions("reduce_window", [x, positions, ...inits], attributes.join(", "), [
    () =>
      body.region([...inits, ...inits], ([a, i, b, j]) => {
        const isFirst = comesBefore(body, a!, i!, b!, j!);
        return [body.select(isFirst, a!, b!), body.select(isFirst, i!, j!)];
      }),
  ], [{ shape, type: x.type }, { shape, type: "i32" }]);
  return body.convert(where!, w.type);
};

export const softmax: Writer<Attributes<"softmax">> = (w) => {
  const { ops, attributes: { axis } } = w;
  const all = { axes: [axis], keepDims: true };
  const x = first(w);
  const powers = ops.exp(ops.sub(x, ops.max(x, all)));
  return ops.div(powers, ops.sum(powers, all));
};

export const logSoftmax: Writer<Attributes<"logSoftmax">> = (w) => {
  const { ops, attributes: { axis } } = w;
  const all = { axes: [axis], keepDims: true };
  const shifted = ops.sub(first(w), ops.max(first(w), all));
  return ops.sub(shifted, ops.log(ops.sum(ops.exp(shifted), all)));
};

export const softmaxCrossEntropy: Writer<undefined> = (w) => {
  const { ops, shape } = w;
  const [logits, labels] = w.inputs as [Tensor, Tensor];
  const lastAxis = { axes: [shape.length], keepDims: true };
  const surprise = ops.sub(ops.logSumExp(logits, lastAxis), logits);
  // What has the probability 0 adds nothing, however unlikely the logits call it.
  const parts = ops.where(ops.eq(labels, 0), 0, ops.mul(labels, surprise));
  return ops.sum(parts, { ...lastAxis, keepDims: false });
};

/** The mean along axes, which stay. */
function mean(w: Parameters<Writer<Attributes<"normalize">>>[0], x: Tensor): Tensor {
  const { axes } = w.attributes;
  const count = Math.max(sizeOf(axes.map((axis) => first(w).shape[axis]!)), 1);
  return w.ops.div(w.ops.sum(x, { axes, keepDims: true }), count);
}

/** The operand less its mean, unless it is not centred. */
function centred(w: Parameters<Writer<Attributes<"normalize">>>[0]): Tensor {
  return w.attributes.center ? w.ops.sub(first(w), mean(w, first(w))) : first(w);
}

export const inverseDeviation: Writer<Attributes<"inverseDeviation">> = (w) =>
  w.ops.rsqrt(w.ops.add(mean(w, w.ops.square(centred(w))), w.attributes.epsilon));

export const normalize: Writer<Attributes<"normalize">> = (w) => {
  const { ops } = w;
  const rest = centred(w);
  return ops.mul(rest, ops.rsqrt(ops.add(mean(w, ops.square(rest)), w.attributes.epsilon)));
};

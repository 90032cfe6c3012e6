import { ones, pad } from "../../../functions/mod.ts";
import { operation as op } from "../../../primitives/mod.ts";
import { apply } from "../../../variable/apply.ts";
import type { Variable } from "../../../variable/mod.ts";
import type { Reader, Reading } from "./reading.ts";
import { pairOf, type ReadWindow, readWindow, statedPads } from "./windows.ts";

/** Images `[batch, channels, height, width]`, or without height, with channels last. */
function channelsLast(r: Reading, x: Variable): Variable {
  if (x.rank === 3) return x.expandDims(2).permute([0, 2, 3, 1]);
  if (x.rank === 4) return x.permute([0, 2, 3, 1]);
  throw r.unsupported(`an input of ${x.rank} axes`);
}

/** The way back. */
function channelsFirst(r: Reading, x: Variable): Variable {
  const images = x.permute([0, 3, 1, 2]);
  return r.x.rank === 3 ? images.squeeze(2) : images;
}

/** Numbers of channels, in the shape in which they broadcast. */
const perChannel = (r: Reading, x: Variable): Variable =>
  x.reshape([1, -1, ...r.x.shape.slice(2).map(() => 1)]);

const withBias = (r: Reading, y: Variable): Variable => r.has(2) ? y.add(perChannel(r, r.variable(2))) : y;

/** Filters `[a, b, height, width]` as `[height, width, b, a]`. */
const filtersOf = (x: Variable): Variable => (x.rank === 3 ? x.expandDims(2) : x).permute([2, 3, 1, 0]);

const conv: Reader = (r) => {
  const geometry = { ...readWindow(r, r.y.shape.slice(2)), groups: r.number("group", 1) };
  const y = apply(op.conv2d, [channelsLast(r, r.x), filtersOf(r.y)], geometry);
  return r.like(withBias(r, channelsFirst(r, y)));
};

const convTranspose: Reader = (r) => {
  if (r.text("auto_pad", "NOTSET") !== "NOTSET" || r.integers("output_shape") !== undefined) {
    throw r.unsupported("auto_pad or output_shape");
  }
  const axes = r.x.rank - 2;
  const { window, strides, dilations } = readWindow(r, r.y.shape.slice(2));
  const rest = pairOf(r, "output_padding", 0, axes);
  const x = channelsLast(r, r.x);
  const pads = [statedPads(r, 0, axes), statedPads(r, 1, axes)] as const;
  const length = (i: 0 | 1): number =>
    (x.shape[1 + i]! - 1) * strides[i] + (window[i] - 1) * dilations[i] + 1 + rest[i] - pads[i][0] -
    pads[i][1];
  const y = apply(op.convInputGradient, [x, filtersOf(r.y)], {
    strides,
    dilations,
    padding: [...pads[0], ...pads[1]],
    groups: r.number("group", 1),
    size: [length(0), length(1)],
  });
  return r.like(withBias(r, channelsFirst(r, y)));
};

const maxPool: Reader = (r) => {
  const geometry = readWindow(r, r.integers("kernel_shape") ?? []);
  const images = channelsLast(r, r.x);
  const positions = apply(op.maxPoolIndices, [images], geometry);
  const largest = apply(op.gather, [images.reshape([-1]), positions], { axis: 0 });
  const pooled = r.like(channelsFirst(r, largest));
  if (r.node.outputs.length < 2) return pooled;
  if (r.flag("storage_order")) throw r.unsupported("storage_order");
  return [pooled, { x: channelsFirst(r, countedByPlanes(positions, images)), type: "int64" }];
};

/** Positions in `[batch, height, width, channels]` as positions in `[batch, channels, height, width]`. */
function countedByPlanes(positions: Variable, images: Variable): Variable {
  const [, height, width, channels] = images.shape as [number, number, number, number];
  const plane = height * width;
  const [channel, pixels] = [positions.mod(channels), positions.div(channels).floor()];
  const image = pixels.div(plane).floor();
  return image.mul(channels).add(channel).mul(plane).add(pixels.mod(plane));
}

/** Sums under windows, over how many elements there are: padding counts if that is stated. */
const averagePool: Reader = (r) => {
  const kernel = r.integers("kernel_shape") ?? [];
  const geometry = readWindow(r, kernel);
  const images = channelsLast(r, r.x);
  const [, height, width, channels] = images.shape as [number, number, number, number];
  const dtype = images.dtype;
  const window = ones([...geometry.window, 1, channels], { dtype });
  const sums = apply(op.conv2d, [images, window], { ...geometry, groups: channels });
  const counts = countElements(r, geometry, kernel.length, height, width).cast(dtype);
  return r.like(channelsFirst(r, sums.div(counts)));
};

function countElements(
  r: Reading,
  geometry: ReadWindow,
  axes: number,
  height: number,
  width: number,
): Variable {
  const stated = [...statedPads(r, 0, axes), ...statedPads(r, 1, axes)];
  const counted = r.flag("count_include_pad") ? stated : [0, 0, 0, 0];
  const [top, bottom, left, right] = counted as [number, number, number, number];
  const around = pad(ones([1, height, width, 1]), [[0, 0], [top, bottom], [left, right], [0, 0]], {
    value: 1,
  });
  const rest = geometry.padding.map((width, i) => width - counted[i]!) as [number, number, number, number];
  return apply(op.conv2d, [around, ones([...geometry.window, 1, 1])], {
    ...geometry,
    padding: rest,
    groups: 1,
  });
}

const globalPool = (f: (x: Variable, axis: readonly number[]) => Variable): Reader => (r) =>
  r.like(f(r.x, r.x.shape.map((_, i) => i).slice(2)));

const batchNormalization: Reader = (r) => {
  if (r.flag("training_mode")) throw r.unsupported("training_mode");
  const [scale, shift, mean, variance] = [1, 2, 3, 4].map((k) => perChannel(r, r.variable(k))) as [
    Variable,
    Variable,
    Variable,
    Variable,
  ];
  return r.like(r.x.sub(mean).mul(scale.mul(variance.add(r.number("epsilon", 1e-5)).rsqrt())).add(shift));
};

const normalized = (r: Reading, axes: readonly number[], epsilon: number): Variable =>
  apply(op.normalize, [r.x], { axes, epsilon, center: true });

const instanceNormalization: Reader = (r) => {
  const axes = r.x.shape.map((_, i) => i).slice(2);
  const y = normalized(r, axes, r.number("epsilon", 1e-5));
  return r.like(y.mul(perChannel(r, r.y)).add(perChannel(r, r.variable(2))));
};

const layerNormalization: Reader = (r) => {
  if (r.node.outputs.length > 1) throw r.unsupported("the mean and deviation as results");
  const axis = r.axis(-1);
  const y = normalized(r, r.x.shape.map((_, i) => i).slice(axis), r.number("epsilon", 1e-5)).mul(r.y);
  return r.like(r.has(2) ? y.add(r.variable(2)) : y);
};

/** Operators of neural networks; channels stand second. */
export const NEURAL: Readonly<Record<string, Reader>> = {
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Conv: conv,
  ConvTranspose: convTranspose,
  GlobalAveragePool: globalPool((x, axis) => x.mean({ axis, keepDims: true })),
  GlobalMaxPool: globalPool((x, axis) => x.max({ axis, keepDims: true })),
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  MaxPool: maxPool,
};

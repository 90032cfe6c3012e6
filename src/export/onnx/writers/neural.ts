import type { WindowGeometry } from "../../../array/neural/convolution.ts";
import type { Attributes } from "../../../primitives/mod.ts";
import type { DraftAttributes } from "../draft.ts";
import { writeSlice } from "./shapes.ts";
import type { Writer, Writing } from "./writing.ts";

/** The order of axes that brings channels to the front, and back. */
const CHANNELS_FIRST = [0, 3, 1, 2];
const CHANNELS_LAST = [0, 2, 3, 1];
/** From filters `[height, width, channels, outChannels]` to `[outChannels, channels, height, width]`. */
const FILTERS = [3, 2, 0, 1];

/** How ONNX states what moves over images: padding is all starts, then all ends. */
function windowAttributes({ strides, padding, dilations }: WindowGeometry): DraftAttributes {
  const [top, bottom, left, right] = padding;
  return { strides, dilations, pads: [top, left, bottom, right] };
}

const channelsFirst = (w: Writing<unknown>, x: string): string => w.transpose(x, CHANNELS_FIRST);
const channelsLast = (w: Writing<unknown>, x: string): string => w.transpose(x, CHANNELS_LAST);

export const conv2d: Writer<Attributes<"conv2d">> = (w) => {
  const inputs = [channelsFirst(w, w.x), w.transpose(w.y, FILTERS)];
  const { groups } = w.attributes;
  return channelsLast(w, w.emit("Conv", inputs, { ...windowAttributes(w.attributes), group: groups }));
};

export const convInputGradient: Writer<Attributes<"convInputGradient">> = (w) => {
  const { strides, padding: [top, bottom, left, right], dilations, groups, size } = w.attributes;
  const [, height, width] = w.shapes[0]!;
  const [kernelHeight, kernelWidth] = w.shapes[1]!;
  const inputs = [channelsFirst(w, w.x), w.transpose(w.y, FILTERS)];
  // What no window reached, after the last one.
  const rest = [
    size[0] - ((height! - 1) * strides[0] + (kernelHeight! - 1) * dilations[0] + 1 - top - bottom),
    size[1] - ((width! - 1) * strides[1] + (kernelWidth! - 1) * dilations[1] + 1 - left - right),
  ];
  const spread = w.emit("ConvTranspose", inputs, {
    ...windowAttributes(w.attributes),
    group: groups,
    output_padding: rest,
  });
  return channelsLast(w, spread);
};

/**
 * The gradient of filters is a convolution of images with gradients in place of filters, where channels and examples
 * have changed places, and strides and dilations too.
 */
export const convFilterGradient: Writer<Attributes<"convFilterGradient">> = (w) => {
  const { strides, padding, dilations, groups, size } = w.attributes;
  const [batch, height, width, channels] = w.shapes[0]!;
  const [outChannels, perGroup] = [w.shapes[1]![3]!, channels! / groups];
  const parted = w.reshape(w.x, [batch!, height!, width!, groups, perGroup]);
  const images = w.reshape(w.transpose(parted, [4, 3, 0, 1, 2]), [
    perGroup,
    groups * batch!,
    height!,
    width!,
  ]);
  const geometry = windowAttributes({ strides: dilations, padding, dilations: strides });
  const filters = w.emit("Conv", [images, w.transpose(w.y, [3, 0, 1, 2])], { ...geometry, group: groups });
  const kept = writeSlice(w, filters, {
    begin: [0, 0, 0, 0],
    size: [perGroup, outChannels, ...size],
    step: [1, 1, 1, 1],
  });
  return w.transpose(kept, [2, 3, 0, 1]);
};

export const maxPoolIndices: Writer<Attributes<"maxPoolIndices">> = (w) => {
  const { window } = w.attributes;
  const [, height, width, channels] = w.shapes[0]!;
  const attributes = { ...windowAttributes(w.attributes), kernel_shape: window };
  const [largest, found] = w.draft.emitAll("MaxPool", [channelsFirst(w, w.x)], attributes, 2);
  // Positions count through [batch, channels, height, width]; here they count through [batch, height, width, channels].
  const parts = (x: string, length: number): [quotient: string, rest: string] => [
    w.emit("Div", [x, w.integer(length)]),
    w.emit("Mod", [x, w.integer(length)]),
  ];
  const [planes, pixel] = parts(found!, height! * width!);
  const [image, channel] = parts(planes, channels!);
  const pixels = w.emit("Add", [w.emit("Mul", [image, w.integer(height! * width!)]), pixel]);
  const positions = w.emit("Add", [w.emit("Mul", [pixels, w.integer(channels!)]), channel]);
  const result = w.cast(channelsLast(w, positions), w.dtype);
  w.draft.pooled.set(result, { images: w.x, largest: channelsLast(w, largest!) });
  return result;
};

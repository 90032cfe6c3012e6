import {
  adaptiveAvgPool2d,
  avgPool1d,
  conv1d,
  conv1dTranspose,
  conv2d,
  conv2dTranspose,
  extractPatches,
  maxPool1d,
  resizeBilinear,
  type Variable,
} from "../../mod.ts";
import fixture from "../fixtures/pytorch/conv.json" with { type: "json" };
import { testCases } from "./pytorch.ts";

// PyTorch has channels first; here they are last.
const toLast2d = (x: Variable): Variable => x.transpose([0, 2, 3, 1]);
const toFirst2d = (x: Variable): Variable => x.transpose([0, 3, 1, 2]);
const swap = (x: Variable): Variable => x.transpose([0, 2, 1]);

/** Padding with as much more at the end as the last window of PyTorch's ceil_mode needs. */
// deno-lint-ignore no-explicit-any
function poolPadding({ kernel, stride, padding, ceil_mode }: any, length: number): [number, number] {
  const rest = (length + 2 * padding - kernel) % stride;
  return [padding, padding + (ceil_mode && rest > 0 ? stride - rest : 0)];
}

testCases(fixture, {
  conv1d: ([x, w, b], { stride, padding, dilation, groups }) =>
    swap(
      conv1d(swap(x!), w!.transpose([2, 1, 0]), { strides: stride, padding, dilations: dilation, groups })
        .add(b!),
    ),
  conv2d: ([x, w, b], { stride, padding, dilation, groups }) =>
    toFirst2d(
      conv2d(toLast2d(x!), w!.transpose([2, 3, 1, 0]), {
        strides: stride,
        padding,
        dilations: dilation,
        groups,
      }).add(b!),
    ),
  convTranspose1d: ([x, w, b], { stride, padding, output_padding, dilation, groups }) =>
    swap(
      conv1dTranspose(swap(x!), w!.transpose([2, 1, 0]), {
        strides: stride,
        padding,
        outputPadding: output_padding,
        dilations: dilation,
        groups,
      }).add(b!),
    ),
  convTranspose2d: ([x, w, b], { stride, padding, output_padding, dilation, groups }) =>
    toFirst2d(
      conv2dTranspose(toLast2d(x!), w!.transpose([2, 3, 1, 0]), {
        strides: stride,
        padding,
        outputPadding: output_padding,
        dilations: dilation,
        groups,
      }).add(b!),
    ),
  maxPool1d: ([x], attrs) =>
    swap(maxPool1d(swap(x!), attrs.kernel, {
      strides: attrs.stride,
      padding: poolPadding(attrs, x!.shape[2]!),
      dilations: attrs.dilation,
    })),
  avgPool1d: ([x], attrs) =>
    swap(avgPool1d(swap(x!), attrs.kernel, {
      strides: attrs.stride,
      padding: poolPadding(attrs, x!.shape[2]!),
      // What ceil_mode adds at the end is never counted.
      countIncludePadding: attrs.count_include_pad && !attrs.ceil_mode,
    })),
  adaptiveAvgPool2d: ([x], { output_size }) => toFirst2d(adaptiveAvgPool2d(toLast2d(x!), output_size)),
  unfold2d: ([x], { kernel, stride, padding }) => {
    const patches = extractPatches(toLast2d(x!), kernel, { strides: stride, padding });
    const [batch, rows, columns, size] = patches.shape as [number, number, number, number];
    const channels = x!.shape[1]!;
    return patches.reshape([batch, rows * columns, size / channels, channels]).transpose([0, 3, 2, 1])
      .reshape([batch, size, rows * columns]);
  },
  upsampleBilinear2d: ([x], { size, align_corners }) =>
    toFirst2d(resizeBilinear(toLast2d(x!), size, { alignCorners: align_corners })),
});

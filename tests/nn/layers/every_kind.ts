/** One or more layers of each kind, with inputs. */
import type { Variable } from "../../../mod.ts";
import * as nn from "../../../src/nn/mod.ts";
import { key, uniform } from "../../../src/random/mod.ts";

/** A layer, and an input for it. */
export type KindCase = readonly [layer: unknown, input: unknown];

const numbers = (...shape: number[]): Variable => uniform(key(shape.length), shape, { low: -1 });
const words = (...shape: number[]): Variable => numbers(...shape).mul(2).add(2).floor();
const padded = (...shape: number[]): Variable => {
  const [batch = 1, steps = 1] = shape;
  const counts = numbers(batch, steps, 1).gt(-0.2);
  return counts.mul(numbers(...shape));
};
const masked = (layer: unknown): nn.Layer =>
  nn.sequential([nn.masking(), layer as nn.Layer]) as unknown as nn.Layer;
const sequence = (): Variable => numbers(3, 5, 4);
const image = (): Variable => numbers(2, 5, 6, 2);
const pair = (): Variable[] => [numbers(3, 4), numbers(3, 4).mul(2)];

/** By kind. */
export const EVERY_KIND: { readonly [kind: string]: readonly KindCase[] } = {
  dense: [
    [
      nn.dense({ units: 3, activation: "softmax", kernelRegularizer: nn.l1l2({ l1: 0.01, l2: 0.01 }) }),
      numbers(4, 5),
    ],
    [
      nn.dense({ units: 3, useBias: false, activation: "gelu", activityRegularizer: "l2" }),
      numbers(2, 4, 5),
    ],
  ],
  activation: [[nn.activation("selu"), numbers(4, 5)]],
  reLU: [[nn.reLU({ maxValue: 0.5, negativeSlope: 0.1, threshold: 0.2 }), numbers(4, 5)]],
  leakyReLU: [[nn.leakyReLU(), numbers(4, 5)]],
  prelu: [[nn.prelu({ sharedAxes: 1, alphaInitializer: "randomNormal" }), sequence()]],
  elu: [[nn.elu({ alpha: 0.5 }), numbers(4, 5)]],
  softmax: [[nn.softmax({ axis: 1 }), sequence()]],
  flatten: [[nn.flatten(), numbers(4, 2, 3)]],
  reshape: [[nn.reshape({ targetShape: [2, -1] }), numbers(4, 6)]],
  permute: [[nn.permute({ dims: [3, 1, 2] }), image()]],
  repeatVector: [[nn.repeatVector({ n: 3 }), numbers(4, 5)]],
  lambda: [[nn.lambda((x: Variable, c) => x.mul(c.parameter("w", [5])).sin()), numbers(4, 5)]],
  dropout: [
    [nn.dropout({ rate: 0.4 }), numbers(4, 5)],
    [nn.dropout({ rate: 0.4, noiseShape: [null, 1, null] }), sequence()],
  ],
  spatialDropout1d: [[nn.spatialDropout1d({ rate: 0.4 }), sequence()]],
  spatialDropout2d: [[nn.spatialDropout2d({ rate: 0.4 }), image()]],
  gaussianDropout: [[nn.gaussianDropout({ rate: 0.4 }), numbers(4, 5)]],
  gaussianNoise: [[nn.gaussianNoise({ stddev: 0.4 }), numbers(4, 5)]],
  layerNormalization: [
    [nn.layerNormalization(), numbers(4, 5)],
    [nn.layerNormalization({ axis: [1, 2] }), numbers(4, 3, 5)],
  ],
  groupNormalization: [
    [nn.groupNormalization({ groups: 2 }), numbers(2, 3, 3, 4)],
    [nn.groupNormalization({ groups: 2, axis: 1 }), sequence().slice([0, 0, 0], [3, 4, 4])],
  ],
  unitNormalization: [[nn.unitNormalization({ axis: [1, 2] }), sequence()]],
  batchNormalization: [
    [nn.batchNormalization({ momentum: 0.7 }), numbers(6, 5)],
    [nn.batchNormalization({ axis: 1, scale: false }), numbers(6, 3, 4)],
    [masked(nn.batchNormalization()), padded(3, 5, 4)],
  ],
  normalization: [
    [nn.normalization({ mean: [1, 2, 3, 4], variance: [1, 0.5, 0, 2] }), numbers(3, 4)],
    [nn.adaptNormalization(numbers(6, 4), { axis: null, invert: true }), numbers(3, 4)],
  ],
  rescaling: [[nn.rescaling({ scale: 0.5, offset: [1, 2, 3, 4] }), numbers(3, 4)]],
  categoryEncoding: [
    [nn.categoryEncoding({ numTokens: 4 }), words(3, 5)],
    [nn.categoryEncoding({ numTokens: 4, outputMode: "oneHot" }), words(3, 1)],
    [nn.categoryEncoding({ numTokens: 4, outputMode: "count" }), [words(3, 5), numbers(3, 5)]],
  ],
  conv1d: [
    [
      nn.conv1d({ filters: 4, kernelSize: 3, padding: "causal", dilationRate: 2, activation: "tanh" }),
      sequence(),
    ],
    [nn.conv1d({ filters: 4, kernelSize: 2, strides: 2, groups: 2 }), sequence()],
  ],
  conv2d: [[
    nn.conv2d({ filters: 4, kernelSize: 3, padding: "same", groups: 2, activation: "relu" }),
    image(),
  ]],
  depthwiseConv2d: [[
    nn.depthwiseConv2d({ kernelSize: [2, 3], depthMultiplier: 2, strides: 2, activation: "relu" }),
    image(),
  ]],
  separableConv2d: [[nn.separableConv2d({ filters: 3, kernelSize: 3, padding: "same" }), image()]],
  conv1dTranspose: [[nn.conv1dTranspose({ filters: 3, kernelSize: 2, strides: 3 }), sequence()]],
  conv2dTranspose: [[
    nn.conv2dTranspose({ filters: 3, kernelSize: [3, 2], strides: [2, 1], padding: "same" }),
    image(),
  ]],
  zeroPadding1d: [[nn.zeroPadding1d({ padding: [2, 0] }), sequence()]],
  zeroPadding2d: [[nn.zeroPadding2d({ padding: [[0, 1], 2] }), image()]],
  cropping2d: [[nn.cropping2d({ cropping: [[0, 1], 2] }), image()]],
  upSampling1d: [[nn.upSampling1d(), sequence()]],
  upSampling2d: [
    [nn.upSampling2d(), image()],
    [nn.upSampling2d({ size: [2, 3], interpolation: "bilinear" }), image()],
  ],
  maxPooling1d: [[nn.maxPooling1d({ poolSize: 3, strides: 1, padding: "same" }), sequence()]],
  averagePooling1d: [[nn.averagePooling1d({ padding: "same" }), sequence()]],
  maxPooling2d: [[nn.maxPooling2d(), image()]],
  averagePooling2d: [[nn.averagePooling2d({ padding: "same" }), image()]],
  globalMaxPooling1d: [
    [nn.globalMaxPooling1d(), sequence()],
    [masked(nn.globalMaxPooling1d()), padded(3, 5, 4)],
  ],
  globalAveragePooling1d: [
    [nn.globalAveragePooling1d({ keepdims: true }), sequence()],
    [masked(nn.globalAveragePooling1d()), padded(3, 5, 4)],
  ],
  globalMaxPooling2d: [[nn.globalMaxPooling2d(), image()]],
  globalAveragePooling2d: [[nn.globalAveragePooling2d(), image()]],
  embedding: [
    [nn.embedding({ inputDim: 4, outputDim: 3 }), words(2, 5)],
    [nn.embedding({ inputDim: 4, outputDim: 3, maskZero: true }), words(2, 5)],
  ],
  masking: [[nn.masking(), padded(3, 5, 4)]],
  simpleRnn: [
    [nn.simpleRnn({ units: 3, returnSequences: true, goBackwards: true }), sequence()],
    [masked(nn.simpleRnn({ units: 3 })), padded(3, 5, 4)],
  ],
  lstm: [
    [nn.lstm({ units: 3, returnSequences: true, returnState: true }), sequence()],
    [nn.lstm({ units: 3, dropout: 0.3, recurrentDropout: 0.3 }), sequence()],
    [masked(nn.lstm({ units: 3, recurrentActivation: "hardSigmoid" })), padded(3, 5, 4)],
    [nn.lstm({ units: 3 }), [numbers(3, 10, 4), numbers(3, 3), numbers(3, 3).mul(2)]],
  ],
  gru: [
    [nn.gru({ units: 3, recurrentDropout: 0.3 }), sequence()],
    [nn.gru({ units: 3, resetAfter: false, returnSequences: true }), sequence()],
    [masked(nn.gru({ units: 3, goBackwards: true })), padded(3, 10, 4)],
  ],
  bidirectional: [
    [nn.bidirectional({ layer: nn.lstm({ units: 3 }) }), sequence()],
    [
      masked(nn.bidirectional({ layer: nn.gru({ units: 3, returnSequences: true }), mergeMode: "ave" })),
      padded(3, 5, 4),
    ],
  ],
  timeDistributed: [[nn.timeDistributed({ layer: nn.dense({ units: 3 }) }), sequence()]],
  multiHeadAttention: [
    [
      nn.multiHeadAttention({ numHeads: 2, keyDim: 3, dropout: 0.3 }),
      { query: sequence(), value: numbers(3, 6, 2) },
    ],
    [nn.multiHeadAttention({ numHeads: 2, keyDim: 3, valueDim: 2, outputShape: 5, useCausalMask: true }), {
      query: sequence(),
      value: sequence(),
      key: sequence().mul(2),
      attentionMask: numbers(3, 5, 5).gt(-0.5),
    }],
  ],
  add: [[nn.add(), pair()], [nn.add(), [numbers(3, 4), sequence()]]],
  subtract: [[nn.subtract(), pair()]],
  multiply: [[nn.multiply(), pair()]],
  average: [[nn.average(), pair()]],
  maximum: [[nn.maximum(), pair()]],
  minimum: [[nn.minimum(), pair()]],
  concatenate: [[nn.concatenate(), [numbers(3, 4), numbers(3, 2)]]],
  dot: [[nn.dot({ axes: [2, 1], normalize: true }), [numbers(3, 2, 5), numbers(3, 5, 4)]]],
};

/** Good arguments for the layers and what they are made of: options of a factory, with the layer it gives called once. */
import { constant, type Variable } from "../../../mod.ts";
import * as nn from "../../../src/nn/mod.ts";
import { key, uniform } from "../../../src/random/mod.ts";
import { type Probe, probe, type Probes } from "./probe.ts";

type Call = (...args: never[]) => unknown;

const numbers = (...shape: number[]): Variable => uniform(key(shape.length), shape);
const sequence = (): Variable => numbers(2, 4, 2);
const image = (): Variable => numbers(2, 4, 4, 2);
const table = (): Variable => numbers(3, 4);

/** Calls a layer in training. */
function run(layer: unknown, x: unknown): unknown {
  const made = layer as nn.Layer<unknown, unknown>;
  const weights = nn.initialize(made, key(1), x);
  return nn.applyLayer(made, weights, x, { training: true, key: key(2) });
}

const common = { name: "mine", trainable: true, inputShape: [2] };
const layer = (make: unknown, input: () => unknown, options: Record<string, unknown> = {}): Probe =>
  probe(
    ((options: never) => run((make as (o: never) => unknown)(options), input())) as Call,
    () => [{ ...common, ...options }],
  );

const weight = (name: string): Record<string, unknown> => ({
  [`${name}Initializer`]: "zeros",
  [`${name}Regularizer`]: "l2",
  [`${name}Constraint`]: "maxNorm",
});
const bias = { activation: "relu", useBias: true, activityRegularizer: "l2", ...weight("bias") };
const kernel = { ...bias, ...weight("kernel") };
const scaled = { epsilon: 1e-3, center: true, scale: true, ...weight("beta"), ...weight("gamma") };
const window = { kernelSize: 2, strides: 1, padding: "valid", dilationRate: 1 };
const recurrent = {
  ...kernel,
  ...weight("recurrent"),
  units: 2,
  returnSequences: true,
  returnState: false,
  goBackwards: true,
  dropout: 0.1,
  recurrentDropout: 0.1,
};
const pooling = { poolSize: 2, strides: 1, padding: "valid" };
const pair = (): Variable[] => [table(), table()];

/** By name. */
export const layers: Probes = {
  dense: layer(nn.dense, table, { ...kernel, units: 2 }),
  activation: probe(
    ((activation: never, options: never) => run(nn.activation(activation, options), table())) as Call,
    () => ["relu", common],
  ),
  elu: layer(nn.elu, table, { alpha: 1 }),
  leakyReLU: layer(nn.leakyReLU, table, { negativeSlope: 0.1 }),
  reLU: layer(nn.reLU, table, { maxValue: 1, negativeSlope: 0.1, threshold: 0.2 }),
  prelu: layer(nn.prelu, sequence, { sharedAxes: [1], ...weight("alpha") }),
  softmax: layer(nn.softmax, table, { axis: 1 }),
  multiHeadAttention: layer(nn.multiHeadAttention, () => ({ query: sequence(), value: sequence() }), {
    ...Object.fromEntries(Object.entries(kernel).filter(([name]) => name !== "activation")),
    numHeads: 2,
    keyDim: 2,
    valueDim: 2,
    dropout: 0.1,
    outputShape: 2,
    useCausalMask: true,
  }),
  batchNormalization: layer(nn.batchNormalization, table, {
    ...scaled,
    axis: 1,
    momentum: 0.9,
    movingMeanInitializer: "zeros",
    movingVarianceInitializer: "ones",
  }),
  conv1d: layer(nn.conv1d, sequence, { ...kernel, ...window, filters: 2, groups: 1 }),
  conv2d: layer(nn.conv2d, image, { ...kernel, ...window, filters: 2, groups: 1 }),
  conv1dTranspose: layer(nn.conv1dTranspose, sequence, {
    ...kernel,
    ...window,
    filters: 2,
    outputPadding: 0,
  }),
  conv2dTranspose: layer(nn.conv2dTranspose, image, { ...kernel, ...window, filters: 2, outputPadding: 0 }),
  depthwiseConv2d: layer(nn.depthwiseConv2d, image, {
    ...bias,
    ...window,
    depthMultiplier: 2,
    ...weight("depthwise"),
  }),
  separableConv2d: layer(nn.separableConv2d, image, {
    ...bias,
    ...window,
    filters: 2,
    depthMultiplier: 2,
    ...weight("depthwise"),
    ...weight("pointwise"),
  }),
  embedding: layer(nn.embedding, () => constant([[0, 1], [2, 1]]), {
    inputDim: 3,
    outputDim: 2,
    ...weight("embeddings"),
    activityRegularizer: "l2",
    maskZero: true,
  }),
  masking: layer(nn.masking, sequence, { maskValue: 0 }),
  globalAveragePooling1d: layer(nn.globalAveragePooling1d, sequence, { keepdims: true }),
  globalAveragePooling2d: layer(nn.globalAveragePooling2d, image, { keepdims: true }),
  globalMaxPooling1d: layer(nn.globalMaxPooling1d, sequence, { keepdims: true }),
  globalMaxPooling2d: layer(nn.globalMaxPooling2d, image, { keepdims: true }),
  averagePooling1d: layer(nn.averagePooling1d, sequence, pooling),
  averagePooling2d: layer(nn.averagePooling2d, image, pooling),
  maxPooling1d: layer(nn.maxPooling1d, sequence, pooling),
  maxPooling2d: layer(nn.maxPooling2d, image, pooling),
  cropping2d: layer(nn.cropping2d, image, { cropping: 1 }),
  zeroPadding1d: layer(nn.zeroPadding1d, sequence, { padding: 1 }),
  zeroPadding2d: layer(nn.zeroPadding2d, image, { padding: [[1, 1], [0, 1]] }),
  upSampling1d: layer(nn.upSampling1d, sequence, { size: 2 }),
  upSampling2d: layer(nn.upSampling2d, image, { size: 2, interpolation: "bilinear" }),
  add: layer(nn.add, pair),
  average: layer(nn.average, pair),
  maximum: layer(nn.maximum, pair),
  minimum: layer(nn.minimum, pair),
  multiply: layer(nn.multiply, pair),
  subtract: layer(nn.subtract, pair),
  concatenate: layer(nn.concatenate, pair, { axis: -1 }),
  dot: layer(nn.dot, pair, { axes: 1, normalize: true }),
  groupNormalization: layer(nn.groupNormalization, image, { ...scaled, groups: 1, axis: -1 }),
  layerNormalization: layer(nn.layerNormalization, table, { ...scaled, axis: -1 }),
  unitNormalization: layer(nn.unitNormalization, table, { axis: -1 }),
  categoryEncoding: layer(nn.categoryEncoding, () => constant([[0, 1], [2, 1]]), {
    numTokens: 3,
    outputMode: "count",
  }),
  normalization: layer(nn.normalization, table, {
    axis: -1,
    mean: [1, 2, 3, 4],
    variance: [1, 2, 3, 4],
    invert: true,
  }),
  adaptNormalization: probe(
    ((data: never, options: never) => run(nn.adaptNormalization(data, options), table())) as Call,
    () => [[[1, 2, 3, 4], [3, 4, 5, 6]], { axis: -1, invert: true }],
    { takesNull: ["argument 1, axis"] },
  ),
  rescaling: layer(nn.rescaling, table, { scale: 2, offset: 1 }),
  gru: layer(nn.gru, sequence, { ...recurrent, recurrentActivation: "sigmoid", resetAfter: true }),
  lstm: layer(nn.lstm, sequence, { ...recurrent, recurrentActivation: "sigmoid", unitForgetBias: true }),
  simpleRnn: layer(nn.simpleRnn, sequence, recurrent),
  bidirectional: layer(nn.bidirectional, sequence, {
    layer: nn.simpleRnn({ units: 2 }),
    backwardLayer: nn.simpleRnn({ units: 2, goBackwards: true }),
    mergeMode: "sum",
  }),
  timeDistributed: layer(nn.timeDistributed, sequence, { layer: nn.dense({ units: 2 }) }),
  dropout: layer(nn.dropout, table, { rate: 0.5, noiseShape: [3, 1] }),
  gaussianDropout: layer(nn.gaussianDropout, table, { rate: 0.5 }),
  gaussianNoise: layer(nn.gaussianNoise, table, { stddev: 0.5 }),
  spatialDropout1d: layer(nn.spatialDropout1d, sequence, { rate: 0.5 }),
  spatialDropout2d: layer(nn.spatialDropout2d, image, { rate: 0.5 }),
  flatten: layer(nn.flatten, image),
  permute: layer(nn.permute, sequence, { dims: [2, 1] }),
  repeatVector: layer(nn.repeatVector, table, { n: 2 }),
  reshape: layer(nn.reshape, table, { targetShape: [2, 2] }),
  lambda: probe(
    ((f: never, options: never) => run(nn.lambda(f, options), table())) as Call,
    () => [(x: Variable) => x.square(), common],
  ),
  defineLayer: probe(
    ((kind: never, make: never) => run((nn.defineLayer(kind, make) as () => unknown)(), table())) as Call,
    () => [`probe${++defined}`, () => (x: Variable) => x.square()],
  ),
  "Layer.apply": probe(
    ((x: never) => nn.dense({ units: 2 }).apply(x)) as Call,
    () => [nn.input({ shape: [3] })],
  ),
  "Layer.call": probe(
    ((layer: never, name: never) =>
      run(
        nn.lambda((x: Variable, c) => c.call(layer as nn.Layer, x, name) as Variable),
        table(),
      )) as Call,
    () => [nn.dense({ units: 2 }), "inner"],
  ),
  "Context.parameter": probe(
    ((name: never, shape: never, initializer: never, options: never) =>
      run(
        nn.lambda((x: Variable, c) => x.mul(c.parameter(name, shape, initializer, options))),
        table(),
      )) as Call,
    () => ["w", [4], "ones", { regularizer: "l2", constraint: "maxNorm" }],
  ),
  "Context.state": probe(
    ((name: never, shape: never, initializer: never) =>
      run(nn.lambda((x: Variable, c) => x.mul(c.state(name, shape, initializer))), table())) as Call,
    () => ["w", [4], "ones"],
  ),
  "Context.update": probe(
    ((name: never, value: never) =>
      run(
        nn.lambda((x: Variable, c) => {
          c.state("w", [2], 0);
          c.update(name, value);
          return x;
        }),
        table(),
      )) as Call,
    () => ["w", constant([1, 2])],
  ),
  "Context.addLoss": probe(
    ((value: never) =>
      run(
        nn.lambda((x: Variable, c) => {
          c.addLoss(value);
          return x;
        }),
        table(),
      )) as Call,
    () => [constant(3)],
  ),
  applyLayer: probe(nn.applyLayer as Call, () => [
    nn.dense({ units: 2 }),
    nn.initialize(nn.dense({ units: 2 }), key(1), table()),
    table(),
    { training: true, key: key(3) },
  ]),
  initialize: probe(
    nn.initialize as Call,
    () => [nn.dense({ units: 2 }), key(1), table(), { dtype: "float32" }],
  ),
  logitsOf: probe(nn.logitsOf as Call, () => [table(), "softmax"]),
  maskOf: probe(nn.maskOf as Call, () => [table()]),
  noteLogits: probe(nn.noteLogits as Call, () => [table(), "softmax", table()]),
  noteMask: probe(nn.noteMask as Call, () => [sequence(), numbers(2, 4)]),
};
let defined = 0;

const initializer = (make: unknown, options: Record<string, unknown>): Probe =>
  probe(
    ((options: never) =>
      run(
        nn.dense({ units: 4, kernelInitializer: (make as Call)(options) as nn.Initializer }),
        table(),
      )) as Call,
    () => [options],
  );
const ofParameter = (make: unknown, options: Record<string, unknown>, option: string): Probe =>
  probe(
    ((options: never) => run(nn.dense({ units: 4, [option]: (make as Call)(options) }), table())) as Call,
    () => [options],
  );
const constraint = (make: unknown, options: Record<string, unknown>): Probe =>
  probe(
    ((options: never) => ((make as Call)(options) as nn.Constraint)(table())) as Call,
    () => [options],
  );

/** By name. */
export const partsOfLayers: Probes = {
  constantInitializer: initializer(nn.constantInitializer, { value: 1 }),
  identity: initializer(nn.identity, { gain: 1 }),
  orthogonal: initializer(nn.orthogonal, { gain: 1 }),
  randomNormal: initializer(nn.randomNormal, { mean: 0, stddev: 1 }),
  truncatedNormal: initializer(nn.truncatedNormal, { mean: 0, stddev: 1 }),
  randomUniform: initializer(nn.randomUniform, { minval: 0, maxval: 1 }),
  varianceScaling: initializer(nn.varianceScaling, { scale: 1, mode: "fanIn", distribution: "uniform" }),
  l1: ofParameter(nn.l1, { l1: 0.1 }, "kernelRegularizer"),
  l2: ofParameter(nn.l2, { l2: 0.1 }, "kernelRegularizer"),
  l1l2: ofParameter(nn.l1l2, { l1: 0.1, l2: 0.1 }, "kernelRegularizer"),
  maxNorm: constraint(nn.maxNorm, { maxValue: 1, axis: 0 }),
  minMaxNorm: constraint(nn.minMaxNorm, { minValue: 0, maxValue: 1, rate: 0.5, axis: 0 }),
  nonNeg: constraint(nn.nonNeg, {}),
  unitNorm: constraint(nn.unitNorm, { axis: 0 }),
  defineActivation: probe(
    ((name: never, f: never) => run(nn.activation(nn.defineActivation(name, f)), table())) as Call,
    () => [`probe${++defined}`, (x: Variable) => x.square()],
  ),
  defineInitializer: probe(
    ((name: never, f: never) =>
      run(nn.dense({ units: 2, kernelInitializer: nn.defineInitializer(name, f) }), table())) as Call,
    () => [`probe${++defined}`, (_key: unknown, shape: number[]) => numbers(...shape)],
  ),
};

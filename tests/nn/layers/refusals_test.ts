/** Layers say what is wrong with options and shapes, and what to do. */
import { assertEquals, assertThrows } from "@std/assert";
import * as nn from "../../../src/nn/mod.ts";

const { input } = nn;
const wrong = (value: unknown): never => value as never;

/** Options that no layer can be made with. */
const OPTIONS: readonly [string, () => unknown, ErrorConstructor][] = [
  ["a dense layer: units is 0, use an integer from 1 up", () => nn.dense({ units: 0 }), RangeError],
  ["an lstm layer: units is undefined", () => nn.lstm(wrong(undefined)), RangeError],
  ["a conv2d layer: kernelSize is 0", () => nn.conv2d({ filters: 1, kernelSize: 0 }), RangeError],
  [
    "a conv2d layer: kernelSize is [1, 2, 3]",
    () => nn.conv2d({ filters: 1, kernelSize: wrong([1, 2, 3]) }),
    RangeError,
  ],
  ["a conv1d layer: filters is 0", () => nn.conv1d({ filters: 0, kernelSize: 1 }), RangeError],
  ["a conv1d layer: strides is 0", () => nn.conv1d({ filters: 1, kernelSize: 1, strides: 0 }), RangeError],
  [
    'padding is "full", use "valid", "same", "causal"',
    () => nn.conv1d({ filters: 1, kernelSize: 3, padding: wrong("full") }),
    RangeError,
  ],
  [
    'a conv2d layer: padding is "causal"',
    () => nn.conv2d({ filters: 1, kernelSize: 3, padding: wrong("causal") }),
    RangeError,
  ],
  [
    "a depthwiseConv2d layer: depthMultiplier is 0",
    () => nn.depthwiseConv2d({ kernelSize: 1, depthMultiplier: 0 }),
    RangeError,
  ],
  [
    "a separableConv2d layer: filters is undefined",
    () => nn.separableConv2d(wrong({ kernelSize: 1 })),
    RangeError,
  ],
  [
    "outputPadding is 1, use less than the strides, 1",
    () => nn.conv2dTranspose({ filters: 1, kernelSize: 3, outputPadding: 1 }),
    RangeError,
  ],
  [
    "outputPadding is 2, use less than the strides, 2",
    () => nn.conv1dTranspose({ filters: 1, kernelSize: 3, strides: 2, outputPadding: 2 }),
    RangeError,
  ],
  ["a maxPooling1d layer: poolSize is 0", () => nn.maxPooling1d({ poolSize: 0 }), RangeError],
  ["an averagePooling2d layer: strides is 0", () => nn.averagePooling2d({ strides: [1, 0] }), RangeError],
  ["an upSampling2d layer: size is 0", () => nn.upSampling2d({ size: 0 }), RangeError],
  [
    'interpolation is "cubic", use "nearest", "bilinear"',
    () => nn.upSampling2d({ interpolation: wrong("cubic") }),
    RangeError,
  ],
  [
    "a zeroPadding2d layer: padding is -1, use an integer from 0 up",
    () => nn.zeroPadding2d({ padding: -1 }),
    RangeError,
  ],
  [
    "a cropping2d layer: cropping has 3 entries",
    () => nn.cropping2d({ cropping: wrong([1, 2, 3]) }),
    RangeError,
  ],
  ["a repeatVector layer: n is 1.5", () => nn.repeatVector({ n: 1.5 }), RangeError],
  ["a permute layer: dims is [1, 3], use 1 to 2, each once", () => nn.permute({ dims: [1, 3] }), RangeError],
  ["a reshape layer: targetShape is [-1, -1]", () => nn.reshape({ targetShape: [-1, -1] }), RangeError],
  ["targetShape is undefined", () => nn.reshape(wrong({})), TypeError],
  ["a spatialDropout1d layer: the rate is 2", () => nn.spatialDropout1d({ rate: 2 }), RangeError],
  ["stddev is -1", () => nn.gaussianNoise({ stddev: -1 }), RangeError],
  [
    "a multiHeadAttention layer: numHeads is 0",
    () => nn.multiHeadAttention({ numHeads: 0, keyDim: 1 }),
    RangeError,
  ],
  [
    "a multiHeadAttention layer: keyDim is undefined",
    () => nn.multiHeadAttention(wrong({ numHeads: 1 })),
    RangeError,
  ],
  ["an embedding layer: inputDim is 0", () => nn.embedding({ inputDim: 0, outputDim: 1 }), RangeError],
  ['maskValue is "0", use a number', () => nn.masking({ maskValue: wrong("0") }), TypeError],
  [
    "a bidirectional layer of a dense layer: use simpleRnn, lstm or gru",
    () => nn.bidirectional({ layer: nn.dense({ units: 1 }) }),
    TypeError,
  ],
  [
    'mergeMode is "max", use "concat", "sum", "mul", "ave"',
    () => nn.bidirectional({ layer: nn.gru({ units: 1 }), mergeMode: wrong("max") }),
    RangeError,
  ],
  [
    "layer and backwardLayer go the same way",
    () => nn.bidirectional({ layer: nn.gru({ units: 1 }), backwardLayer: nn.gru({ units: 1 }) }),
    RangeError,
  ],
  [
    "one of both layers has returnSequences",
    () =>
      nn.bidirectional({
        layer: nn.gru({ units: 1 }),
        backwardLayer: nn.gru({ units: 1, goBackwards: true, returnSequences: true }),
      }),
    RangeError,
  ],
  [
    "one with returnState",
    () => nn.bidirectional({ layer: wrong(nn.gru({ units: 1, returnState: true })) }),
    TypeError,
  ],
  [
    "a timeDistributed layer: layer is 3, use a layer",
    () => nn.timeDistributed({ layer: wrong(3) }),
    TypeError,
  ],
  ["give mean and variance, or neither", () => nn.normalization({ mean: 1 }), TypeError],
  ["variance is -1", () => nn.normalization({ mean: 0, variance: -1 }), RangeError],
  ["data of shape [0]: expected [rows, ...]", () => nn.adaptNormalization([]), TypeError],
  ["scale is undefined, use a number", () => nn.rescaling(wrong({})), TypeError],
  ["a categoryEncoding layer: numTokens is 0", () => nn.categoryEncoding({ numTokens: 0 }), RangeError],
  ["axes is [0], use one or two axes that are not the batch", () => nn.dot({ axes: 0 }), RangeError],
  ["negativeSlope is -1", () => nn.leakyReLU({ negativeSlope: -1 }), RangeError],
  ["maxValue is -1", () => nn.reLU({ maxValue: -1 }), RangeError],
  ["the option useBias is 1, use true or false", () => nn.dense({ units: 1, useBias: wrong(1) }), TypeError],
  [
    'Unknown initializer: "orth" (did you mean orthogonal?)',
    () => nn.lstm({ units: 1, recurrentInitializer: wrong("orth") }),
    RangeError,
  ],
  [
    'Unknown activation: "sig" (did you mean sigmoid?)',
    () => nn.gru({ units: 1, recurrentActivation: wrong("sig") }),
    RangeError,
  ],
  [
    'Unknown regularizer: "l3"',
    () => nn.conv1d({ filters: 1, kernelSize: 1, activityRegularizer: wrong("l3") }),
    RangeError,
  ],
  [
    'Unknown constraint: "small"',
    () => nn.batchNormalization({ gammaConstraint: wrong("small") }),
    RangeError,
  ],
];

for (const [text, make, type] of OPTIONS) {
  Deno.test(`no layer is made where the options are wrong: ${text}`, () => {
    assertThrows(make, type, text);
  });
}

const at = (...shape: number[]) => input({ shape });

/** Inputs that a layer can't take. */
const SHAPES: readonly [string, () => unknown, ErrorConstructor][] = [
  [
    "the window 9 with dilation 1 is longer than the sequences",
    () => nn.conv1d({ filters: 1, kernelSize: 9 }).apply(at(4, 2)),
    TypeError,
  ],
  [
    "the window [5, 5] with dilations [1, 1] is larger than the image",
    () => nn.conv2d({ filters: 1, kernelSize: 5 }).apply(at(4, 4, 1)),
    TypeError,
  ],
  ["Cannot apply maxPool1d: the window 5", () => nn.maxPooling1d({ poolSize: 5 }).apply(at(4, 2)), TypeError],
  [
    "Cannot apply avgPool1d: the window 5",
    () => nn.averagePooling1d({ poolSize: 5 }).apply(at(4, 2)),
    TypeError,
  ],
  [
    "an lstm layer to examples of shape [4]: expected [steps, features]",
    () => nn.lstm({ units: 2 }).apply(at(4)),
    TypeError,
  ],
  ["expected [steps, channels]", () => nn.conv1d({ filters: 1, kernelSize: 1 }).apply(at(4)), TypeError],
  [
    "expected [height, width, channels]",
    () => nn.depthwiseConv2d({ kernelSize: 1 }).apply(at(4, 4)),
    TypeError,
  ],
  [
    "expected [height, width, channels]",
    () => nn.conv2dTranspose({ filters: 1, kernelSize: 1 }).apply(at(4)),
    TypeError,
  ],
  ["expected [steps, channels]", () => nn.globalMaxPooling1d().apply(at(4)), TypeError],
  ["expected [features]", () => nn.repeatVector({ n: 2 }).apply(at(4, 4)), TypeError],
  [
    "3 groups do not divide the 4 channels of examples of shape [8, 4] and the 3 filters",
    () => nn.conv1d({ filters: 3, kernelSize: 1, groups: 3 }).apply(at(8, 4)),
    RangeError,
  ],
  [
    "2 groups do not divide the 4 channels of examples of shape [8, 4] and the 3 filters",
    () => nn.conv1d({ filters: 3, kernelSize: 1, groups: 2 }).apply(at(8, 4)),
    RangeError,
  ],
  [
    "to query, value and key of shapes [1, 4] and [1, 4] and [1, 4]",
    () => nn.multiHeadAttention({ numHeads: 1, keyDim: 1 }).apply({ query: at(4), value: at(4) }),
    TypeError,
  ],
  [
    "states of shapes [1, 2]: expected 2 of shape [1, 2]",
    () => nn.lstm({ units: 2 }).apply([at(4, 2), at(2)]),
    TypeError,
  ],
  [
    "expected [steps, ...]",
    () => nn.timeDistributed({ layer: nn.dense({ units: 1 }) }).apply(at(4)),
    TypeError,
  ],
  [
    "3 groups do not divide the 4 channels",
    () => nn.groupNormalization({ groups: 3 }).apply(at(4)),
    RangeError,
  ],
  ["axis 0 is the batch", () => nn.groupNormalization({ axis: 0 }).apply(at(4)), RangeError],
  ["along axis 5", () => nn.batchNormalization({ axis: 5 }).apply(at(4)), RangeError],
  ["along axis 3", () => nn.softmax({ axis: 3 }).apply(at(4)), RangeError],
  ["along axis 4", () => nn.prelu({ sharedAxes: 4 }).apply(at(4)), RangeError],
  ["differ on another axis", () => nn.concatenate().apply([at(4, 2), at(3, 3)]), TypeError],
  ["axis 0 is the batch", () => nn.concatenate({ axis: 0 }).apply([at(4), at(4)]), RangeError],
  ["shapes [1, 4] and [1, 3] differ", () => nn.multiply().apply([at(4), at(3)]), TypeError],
  ["a subtract layer: its input is an array of 2", () => nn.subtract().apply([at(4)]), TypeError],
  ["an add layer: its input is an array of one or more", () => nn.add().apply([]), TypeError],
  [
    "inputs of shapes [1, 3] and [1, 4] have other lengths there",
    () => nn.dot({ axes: 1 }).apply([at(3), at(4)]),
    TypeError,
  ],
  ["they do not fit into targetShape [5]", () => nn.reshape({ targetShape: [5] }).apply(at(4)), TypeError],
  [
    "they do not fit into targetShape [3, -1]",
    () => nn.reshape({ targetShape: [3, -1] }).apply(at(4)),
    TypeError,
  ],
  ["expected 2 axes, as dims 2, 1 name", () => nn.permute({ dims: [2, 1] }).apply(at(4)), TypeError],
  ["nothing is left, cut off less", () => nn.cropping2d({ cropping: 2 }).apply(at(4, 4, 1)), TypeError],
  [
    "mean has 2 numbers, the features have shape [3]",
    () => nn.normalization({ mean: [1, 2], variance: 1 }).apply(at(3)),
    TypeError,
  ],
  [
    "noiseShape null, 2 does not broadcast to it",
    () => nn.dropout({ rate: 0.5, noiseShape: [null, 2] }).apply(at(3)),
    TypeError,
  ],
  [
    'weights of counts need outputMode "count"',
    () => nn.categoryEncoding({ numTokens: 3 }).apply([at(3), at(3)]),
    RangeError,
  ],
];

for (const [text, apply, type] of SHAPES) {
  Deno.test(`no layer is applied where the shapes are wrong: ${text}`, () => {
    assertThrows(apply, type, text);
  });
}

Deno.test("an embedding refuses integers that float32 would mix up", () => {
  const layer = nn.embedding({ inputDim: 2 ** 24 + 1, outputDim: 1 });
  const apply = (dtype: "float32" | "float64") => layer.apply(input({ shape: [3], dtype }));
  assertThrows(() => apply("float32"), TypeError, "float32 does not tell integers above 16777216 apart");
  assertEquals(apply("float64").shape, [3, 1]);
});

Deno.test("integers out of range are refused where they are looked up", () => {
  const encode = nn.sequential([nn.categoryEncoding({ numTokens: 3 })]).build([2]);
  assertThrows(() => encode.predict([[0, 3]]), RangeError, "found the index 3, use integers from 0 to 2");
  const embed = nn.sequential([nn.embedding({ inputDim: 3, outputDim: 2 })]).build([2]);
  assertThrows(() => embed.predict([[0, 3]]), RangeError, "found the index 3");
});

Deno.test("a layer of one input refuses a list of several, by name", () => {
  const x = nn.input({ shape: [4, 3] });
  const made = [
    nn.dense({ units: 1 }),
    nn.activation("relu"),
    nn.batchNormalization(),
    nn.conv1d({ filters: 1, kernelSize: 2 }),
    nn.dropout({ rate: 0.5 }),
    nn.embedding({ inputDim: 2, outputDim: 2 }),
    nn.flatten(),
    nn.globalAveragePooling1d(),
    nn.layerNormalization(),
    nn.maxPooling1d(),
    nn.rescaling({ scale: 2 }),
    nn.upSampling1d(),
  ];
  for (const layer of made) {
    for (const inputs of [[x], [x, x]]) {
      assertThrows(
        () => layer.apply(inputs as never),
        TypeError,
        `${layer.kind} layer to an array of ${inputs.length}: its input is one Variable, not several`,
      );
    }
  }
});

import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { type AnyLayer, defineActivation, layerFromDescription } from "../../nn/mod.ts";
import type { Variable } from "../../variable/mod.ts";

/** Keras 2's `clip(0.2 x + 0.5, 0, 1)`; that of Keras 3, and of this library, is `clip(x / 6 + 0.5, 0, 1)`. */
defineActivation(
  "keras2/hardSigmoid",
  (x: Variable) => x.mul(0.2).add(0.5).clip(0, 1),
);

const KERNEL = ["activation", "useBias"];
const CONVOLUTION = ["filters", "kernelSize", "strides", "padding", "dilationRate", ...KERNEL];
const POOLING = ["poolSize", "strides", "padding"];
const SCALE = ["epsilon", "center", "scale", "axis"];
const RECURRENT = [
  "units",
  "returnSequences",
  "goBackwards",
  "dropout",
  "recurrentDropout",
  "recurrentActivation",
  ...KERNEL,
];

/** The kinds that are read, as they are called here, and the options that are taken over. */
const KINDS: {
  readonly [className: string]: readonly [kind: string, options: readonly string[]] | undefined;
} = {
  Activation: ["activation", ["activation"]],
  Add: ["add", []],
  Average: ["average", []],
  AveragePooling1D: ["averagePooling1d", POOLING],
  AveragePooling2D: ["averagePooling2d", POOLING],
  BatchNormalization: ["batchNormalization", [...SCALE, "momentum"]],
  Bidirectional: ["bidirectional", ["layer", "mergeMode"]],
  Concatenate: ["concatenate", ["axis"]],
  Conv1D: ["conv1d", CONVOLUTION],
  Conv2D: ["conv2d", CONVOLUTION],
  Conv2DTranspose: ["conv2dTranspose", CONVOLUTION],
  Cropping2D: ["cropping2d", ["cropping"]],
  Dense: ["dense", ["units", ...KERNEL]],
  DepthwiseConv2D: ["depthwiseConv2d", ["depthMultiplier", ...CONVOLUTION.slice(1)]],
  Dropout: ["dropout", ["rate"]],
  ELU: ["elu", ["alpha"]],
  Embedding: ["embedding", ["inputDim", "outputDim", "maskZero"]],
  Flatten: ["flatten", []],
  GRU: ["gru", [...RECURRENT, "resetAfter"]],
  GaussianDropout: ["gaussianDropout", ["rate"]],
  GaussianNoise: ["gaussianNoise", ["stddev"]],
  GlobalAveragePooling1D: ["globalAveragePooling1d", []],
  GlobalAveragePooling2D: ["globalAveragePooling2d", []],
  GlobalMaxPooling1D: ["globalMaxPooling1d", []],
  GlobalMaxPooling2D: ["globalMaxPooling2d", []],
  LSTM: ["lstm", RECURRENT],
  LayerNormalization: ["layerNormalization", SCALE],
  LeakyReLU: ["leakyReLU", ["negativeSlope"]],
  Masking: ["masking", ["maskValue"]],
  MaxPooling1D: ["maxPooling1d", POOLING],
  MaxPooling2D: ["maxPooling2d", POOLING],
  Maximum: ["maximum", []],
  Minimum: ["minimum", []],
  Multiply: ["multiply", []],
  PReLU: ["prelu", ["sharedAxes"]],
  Permute: ["permute", ["dims"]],
  ReLU: ["reLU", ["maxValue"]],
  RepeatVector: ["repeatVector", ["n"]],
  Reshape: ["reshape", ["targetShape"]],
  SeparableConv2D: ["separableConv2d", ["depthMultiplier", ...CONVOLUTION]],
  SimpleRNN: ["simpleRnn", RECURRENT.filter((name) => name !== "recurrentActivation")],
  Softmax: ["softmax", ["axis"]],
  TimeDistributed: ["timeDistributed", ["layer"]],
  UpSampling2D: ["upSampling2d", ["size", "interpolation"]],
  ZeroPadding2D: ["zeroPadding2d", ["padding"]],
};

/** Options under other names. */
const RENAMED: { readonly [option: string]: string | undefined } = { "LeakyReLU.alpha": "negativeSlope" };
/** What matters to training, or to how TensorFlow runs a layer, but not to what it computes. */
const LEFT_OUT =
  /^(name|dtype|sparse|trainable|batchInputShape|inputLength|implementation|unroll|seed|noiseShape|unitForgetBias|(.*)(Initializer|Regularizer|Constraint))$/;

/** A name as it is written here: `moving_mean` is `movingMean`. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Makes a layer of its configuration.
 *
 * @param path Where it stands, for messages
 * @throws {TypeError} If the kind of layer, or what an option asks for, is not there
 */
export function readLayer(className: string, config: Record<string, unknown>, path: string): AnyLayer {
  const known = Object.hasOwn(KINDS, className) ? KINDS[className] : undefined;
  if (known === undefined) {
    throw new TypeError(
      message`Cannot read ${path}: there is no layer for ${describeValue(className)}, there are ${
        Object.keys(KINDS).join(", ")
      }`,
    );
  }
  const [kind, allowed] = known;
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const camel = camelCase(key);
    const name = RENAMED[`${className}.${camel}`] ?? camel;
    if (LEFT_OUT.test(name) || value === null || value === undefined) continue;
    if (allowed.includes(name)) options[name] = readOption(className, name, value, `${path}.${key}`);
    else if (!(value === false || value === 0 || (name === "dataFormat" && value === "channels_last"))) {
      throw new TypeError(message`Cannot read ${path}.${key}: ${describeValue(value)} is not supported`);
    }
  }
  if (typeof config["name"] === "string") options["name"] = config["name"];
  return layerFromDescription({
    kind,
    options,
    ...config["trainable"] === false ? { trainable: false } : {},
  });
}

function readOption(className: string, name: string, value: unknown, path: string): unknown {
  if (name === "layer") {
    if (!isPlainObject(value) || typeof value["class_name"] !== "string" || !isPlainObject(value["config"])) {
      throw new TypeError(message`Cannot read ${path}: expected a layer, found ${describeValue(value)}`);
    }
    return { $layer: readLayer(value["class_name"], value["config"], path).toJSON() };
  }
  if (/activation$/i.test(name) && typeof value === "string") return readActivation(value);
  // One axis: its only length.
  return /1D$/.test(className) && Array.isArray(value) && value.length === 1 ? value[0] : value;
}

function readActivation(name: string): unknown {
  return name === "hard_sigmoid"
    ? { $made: "activation", kind: "keras2/hardSigmoid", options: {} }
    : camelCase(name);
}

/** Layers, each of which enters the registry when its file is loaded. */
export {
  elu,
  type EluLayerOptions,
  leakyReLU,
  type LeakyReLULayerOptions,
  prelu,
  type PreluOptions,
  reLU,
  type ReLULayerOptions,
  softmax,
  type SoftmaxLayerOptions,
} from "./activations.ts";
export { type AttentionInputs, multiHeadAttention, type MultiHeadAttentionOptions } from "./attention.ts";
export { batchNormalization, type BatchNormalizationOptions } from "./batch_normalization.ts";
export { conv1d, type Conv1dLayerOptions, conv2d, type Conv2dLayerOptions } from "./convolution.ts";
export {
  activation,
  type ActivationOptions,
  dense,
  type DenseOptions,
  lambda,
  type LambdaOptions,
} from "./core.ts";
export {
  depthwiseConv2d,
  type DepthwiseConv2dOptions,
  separableConv2d,
  type SeparableConv2dOptions,
} from "./depthwise_convolution.ts";
export { embedding, type EmbeddingOptions, masking, type MaskingOptions } from "./embedding.ts";
export {
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalMaxPooling1d,
  globalMaxPooling2d,
  type GlobalPoolingOptions,
} from "./global_pooling.ts";
export {
  cropping2d,
  type Cropping2dOptions,
  type Ends,
  type Sides,
  upSampling1d,
  type UpSampling1dOptions,
  upSampling2d,
  type UpSampling2dOptions,
  zeroPadding1d,
  type ZeroPadding1dOptions,
  zeroPadding2d,
  type ZeroPadding2dOptions,
} from "./images.ts";
export {
  add,
  average,
  concatenate,
  type ConcatenateOptions,
  dot,
  type DotLayerOptions,
  maximum,
  minimum,
  multiply,
  subtract,
} from "./merging.ts";
export {
  groupNormalization,
  type GroupNormalizationOptions,
  layerNormalization,
  type LayerNormalizationOptions,
  unitNormalization,
  type UnitNormalizationOptions,
} from "./normalization.ts";
export {
  averagePooling1d,
  averagePooling2d,
  maxPooling1d,
  maxPooling2d,
  type Pooling1dOptions,
  type Pooling2dOptions,
} from "./pooling.ts";
export {
  adaptNormalization,
  categoryEncoding,
  type CategoryEncodingOptions,
  normalization,
  type NormalizationOptions,
  rescaling,
  type RescalingOptions,
} from "./preprocessing.ts";
export {
  gru,
  type GruOptions,
  lstm,
  type LstmOptions,
  simpleRnn,
  type SimpleRnnOptions,
} from "./recurrent.ts";
export {
  dropout,
  type DropoutOptions,
  gaussianDropout,
  gaussianNoise,
  type GaussianNoiseOptions,
  type RateOptions,
  spatialDropout1d,
  spatialDropout2d,
} from "./regularization.ts";
export {
  flatten,
  permute,
  type PermuteOptions,
  repeatVector,
  type RepeatVectorOptions,
  reshape,
  type ReshapeLayerOptions,
} from "./shaping.ts";
export {
  conv1dTranspose,
  type Conv1dTransposeLayerOptions,
  conv2dTranspose,
  type Conv2dTransposeLayerOptions,
} from "./transposed_convolution.ts";
export {
  bidirectional,
  type BidirectionalOptions,
  type MergeMode,
  timeDistributed,
  type TimeDistributedOptions,
} from "./wrappers.ts";
export type { RecurrentFactory, RecurrentOptions } from "./_recurrence.ts";
export type { ScaleAndOffsetOptions } from "./_scale_and_offset.ts";
export type { BiasOptions, KernelOptions } from "./_weights.ts";

/**
 * A framework in the manner of Keras: layers, models that train, losses, metrics and callbacks. Layers are functions of
 * an input and a context, so that every transform works over models, and a step of training is one compiled program.
 *
 * @module
 */
export {
  type Activation,
  type ActivationArgument,
  type ActivationName,
  defineActivation,
} from "./activations.ts";
export * from "./callbacks/mod.ts";
export {
  type Constraint,
  type ConstraintArgument,
  maxNorm,
  minMaxNorm,
  nonNeg,
  type NormOptions,
  unitNorm,
} from "./constraints.ts";
export {
  applyLayer,
  type ApplyOptions,
  initialize,
  type LayerResult,
  type LayerWeights,
} from "./core/apply_layer.ts";
export type { Context, ParameterOptions } from "./core/context.ts";
export type { Json, LayerDescription } from "./core/description.ts";
export { type AnyLayer, defineLayer, Layer, type LayerFactory, type LayerOptions } from "./core/layer.ts";
export { logitsOf, maskOf, noteLogits, noteMask } from "./core/notes.ts";
export type { Factory } from "./core/registry.ts";
export type { Data, ExampleShape, TensorSpec } from "./core/spec.ts";
export {
  type Concrete,
  input,
  type InputOptions,
  type Symbolic,
  type SymbolicTensor,
} from "./core/symbol.ts";
export {
  constantInitializer,
  defineInitializer,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  identity,
  type Initializer,
  type InitializerArgument,
  type InitializerName,
  lecunNormal,
  lecunUniform,
  type NormalOptions,
  orthogonal,
  randomNormal,
  randomUniform,
  truncatedNormal,
  type UniformOptions,
  varianceScaling,
  type VarianceScalingOptions,
} from "./initializers.ts";
export * from "./layers/mod.ts";
export * from "./losses/mod.ts";
export * from "./metrics/mod.ts";
export { fromDescription, layerFromDescription } from "./models/from_description.ts";
export { Functional, type FunctionalOptions, model } from "./models/functional.ts";
export { Model } from "./models/model.ts";
export type { LayerNode } from "./models/layer_graph.ts";
import "./models/show_model.ts";
export type { ModelOptions } from "./models/model_options.ts";
export type { SaveOptions } from "./models/model_file.ts";
export { Sequential, sequential, type SequentialOptions } from "./models/sequential.ts";
export type { GivenWeights } from "./models/store.ts";
export {
  l1,
  l1l2,
  l2,
  type OrthogonalOptions,
  orthogonalRegularizer,
  type Regularizer,
  type RegularizerArgument,
} from "./regularizers.ts";
export type {
  CompileOptions,
  LossArgument,
  LossName,
  MetricName,
  OptimizerName,
} from "./training/compile_options.ts";
export {
  describeTraining,
  type TrainingDescription,
  trainingFromDescription,
} from "./training/description.ts";
export type { BatchIterable, ClassWeight } from "./training/data.ts";
export type { MeasureOptions } from "./training/fit.ts";
export type { FitOptions } from "./training/options.ts";
export type { ModelState } from "./training/state.ts";

export type { Weights as LayerParameters, Weights as ModelParameters } from "../optim/mod.ts";

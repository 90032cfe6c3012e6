/**
 * Exchange with other systems: models and functions as ONNX files, both ways; functions as StableHLO, which XLA runs on
 * CPUs, GPUs and TPUs.
 *
 * @module
 */
export { type ModelOnnxOptions, type OnnxOptions, toOnnx } from "./onnx/to_onnx.ts";
export type { Inputs, InputSpec, InputType } from "./onnx/inputs.ts";
export { fromOnnx, type NamedVariables, type OnnxModel, type OnnxPort } from "./onnx/from_onnx.ts";
export type { Shardings, Split } from "./stablehlo/shardings.ts";
export { type StableHloOptions, toStableHlo } from "./stablehlo/to_stablehlo.ts";
export type { ProductPrecision } from "./stablehlo/writers/writing.ts";

import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import type { Optimizer } from "../../optim/mod.ts";
import { describeOptions, fromJson, type Json, optionsFromJson, toJson } from "../core/description.ts";
import {
  type CompileOptions,
  type OptimizerName,
  optimizerNamed,
  readCompileOptions,
} from "./compile_options.ts";

/** What a model is trained with, as JSON. */
export type TrainingDescription = { readonly [option: string]: Json };

/**
 * What a model is trained with as JSON, but for the native library (`blas`), which belongs to the machine.
 *
 * @throws {TypeError} If something in it has no name, such as a function as a loss or as a learning rate, or is
 *   nothing that a model can be trained with
 * @throws {RangeError} If a name is unknown
 */
export function describeTraining(options: CompileOptions): TrainingDescription {
  readCompileOptions(options);
  const { optimizer, blas: _, ...rest } = options;
  return { optimizer: describeOptimizer(optimizer), ...describeOptions({ ...rest }, "compile") };
}

function describeOptimizer(optimizer: Optimizer | OptimizerName): Json {
  if (typeof optimizer === "string") return optimizer;
  const { name, options } = optimizer;
  optimizerNamed(name);
  return { name, options: toJson(options, `compile.optimizer.${name}`) };
}

/**
 * What {@linkcode describeTraining} wrote.
 *
 * @throws {TypeError} If it is malformed, or gives nothing that a model can be trained with
 * @throws {RangeError} If a name is unknown
 */
export function trainingFromDescription(description: unknown): CompileOptions {
  if (!isPlainObject(description)) throw malformed("it", description);
  const { optimizer, ...rest } = description;
  const noLayers = (_: unknown, path: string): never => {
    throw malformed(path, "a layer");
  };
  const options = optionsFromJson(rest, noLayers, "compile");
  const read = { ...options, optimizer: optimizerFromJson(optimizer, noLayers) } as unknown as CompileOptions;
  readCompileOptions(read);
  return read;
}

function optimizerFromJson(
  optimizer: unknown,
  noLayers: (_: unknown, path: string) => never,
): Optimizer | string {
  if (typeof optimizer === "string") return optimizer;
  if (!isPlainObject(optimizer) || typeof optimizer["name"] !== "string") {
    throw malformed("optimizer", optimizer);
  }
  const { name, options = {} } = optimizer;
  return optimizerNamed(name)(fromJson(options, noLayers, "compile.optimizer"));
}

function malformed(path: string, value: unknown): TypeError {
  return new TypeError(message`Cannot read what a model is trained with: ${path} is ${describeValue(value)}`);
}

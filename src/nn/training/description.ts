import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import type { Optimizer } from "../../optim/mod.ts";
import { describeOptions, fromJson, type Json, optionsFromJson, toJson } from "../core/description.ts";
import { type CompileOptions, type OptimizerName, optimizerNamed } from "./compile_options.ts";

/** What a model is trained with, as JSON. */
export type TrainingDescription = { readonly [option: string]: Json };

/**
 * What a model is trained with as JSON.
 *
 * @throws {TypeError} If something in it has no name, such as a function as a loss or as a learning rate
 */
export function describeTraining(options: CompileOptions): TrainingDescription {
  const { optimizer, ...rest } = options;
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
 * @throws {TypeError} If it is malformed
 * @throws {RangeError} If a name is unknown
 */
export function trainingFromDescription(description: unknown): CompileOptions {
  if (!isPlainObject(description)) throw malformed("it", description);
  const { optimizer, ...rest } = description;
  const noLayers = (_: unknown, path: string): never => {
    throw malformed(path, "a layer");
  };
  const options = optionsFromJson(rest, noLayers, "compile");
  if (typeof optimizer === "string") return { ...options, optimizer } as unknown as CompileOptions;
  if (!isPlainObject(optimizer) || typeof optimizer["name"] !== "string") {
    throw malformed("optimizer", optimizer);
  }
  const read = fromJson(optimizer["options"] ?? {}, noLayers, "compile.optimizer") as Record<string, unknown>;
  return { ...options, optimizer: optimizerNamed(optimizer["name"])(read) } as unknown as CompileOptions;
}

function malformed(path: string, value: unknown): TypeError {
  return new TypeError(message`Cannot read what a model is trained with: ${path} is ${describeValue(value)}`);
}

/** What tests of layers share. */
import { constant, type Variable, zeros } from "../../mod.ts";
import { applyLayer, initialize, type Layer } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";

/** The output of a layer with given parameters, or with start values. */
export function apply(layer: Layer, x: Variable, parameters?: Record<string, Variable>, seed = 0): Variable {
  const made = parameters === undefined ? initialize(layer, key(seed), x) : { parameters, state: {} };
  return applyLayer(layer, made, x).output;
}

/** The start parameters of a layer for examples of a shape, in float64. */
export function parametersOf(layer: Layer, shape: readonly number[], seed = 0): Record<string, Variable> {
  return { ...initialize(layer, key(seed), constant(zeros([1, ...shape]))).parameters };
}

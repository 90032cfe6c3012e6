import { assert, assertEquals } from "@std/assert";
import { grad, type Variable } from "../../../mod.ts";
import { adaptNormalization, applyLayer, initialize, maskOf } from "../../../src/nn/mod.ts";
import { key } from "../../../src/random/mod.ts";
import {
  inputOf,
  LAYER_CASES,
  type LayerCase,
  layerOf,
  pathOf,
  type Values,
  variableOf,
  weightsOf,
} from "./cases.ts";

/** Compares to 1e-10 of the largest entry. */
function assertClose(what: string, actual: Variable, expected: Values): void {
  assertEquals(actual.shape, expected.shape, what);
  const numbers = Float64Array.from(expected.data, Number);
  const scale = numbers.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
  actual.data.forEach((x, i) => {
    assert(Math.abs(x - numbers[i]!) <= 1e-10 * scale, `${what}[${i}] is ${x}, expected ${numbers[i]}`);
  });
}

/** What is fixed in a case: its normalization layer has options instead of weights. */
function prepare(one: LayerCase) {
  const weights = weightsOf(one);
  const layer = layerOf(one);
  const inputs = one.inputs.map((x) => variableOf(x));
  // States that Keras keeps as constants are states here, with their start values.
  const made = initialize(layer, key(0), inputOf(one, inputs), { dtype: "float64" });
  return { layer, inputs, weights: { ...weights, state: { ...made.state, ...weights.state } }, made };
}

for (const one of LAYER_CASES) {
  Deno.test(`Keras agrees: ${one.name}`, () => {
    const { layer, inputs, weights, made } = prepare(one);
    assertEquals(Object.keys(made.parameters).sort(), Object.keys(weights.parameters).sort());
    const options = { training: one.trainingFlag, key: one.trainingFlag ? key(0) : null };
    const apply = (parameters: Record<string, Variable>, values: readonly Variable[]) =>
      applyLayer(layer, { ...weights, parameters }, inputOf(one, values), options);
    const { output, state } = apply(weights.parameters, inputs);
    assertClose("the output", output, one.output);
    if (one.outputMask !== undefined) assertClose("the mask", maskOf(output)!, one.outputMask);
    if (one.gradients !== undefined) checkGradients(one, apply, weights.parameters, inputs);
    const check = (what: string, expected: Readonly<Record<string, Values>>, found: typeof state) =>
      Object.entries(expected).forEach(([name, values]) =>
        assertClose(`${name} ${what}`, found[pathOf(one, name)]!, values)
      );
    if (one.stateAfter !== undefined) check("after a step", one.stateAfter, state);
    if (one.laterInputs === undefined) return;
    const last = one.laterInputs.reduce(
      (before, x) =>
        applyLayer(layer, { ...weights, state: before }, inputOf(one, [variableOf(x)]), options).state,
      state,
    );
    check("after all steps", one.stateAfterAll!, last);
  });
}

function checkGradients(
  one: LayerCase,
  apply: (parameters: Record<string, Variable>, values: readonly Variable[]) => { output: Variable },
  parameters: Record<string, Variable>,
  inputs: readonly Variable[],
): void {
  const cotangent = variableOf(one.cotangent!);
  const floating = inputs.map((_, i) => i).filter((i) => one.gradients!.inputs[i] !== null);
  const total = (p: Record<string, Variable>, chosen: readonly Variable[]): Variable => {
    const values = inputs.map((x, i) => floating.includes(i) ? chosen[floating.indexOf(i)]! : x);
    return apply(p, values).output.mul(cotangent).sum();
  };
  const chosen = floating.map((i) => inputs[i]!);
  const [byWeights, byInputs] = grad(total, { argnums: [0, 1] })(parameters, chosen) as unknown as [
    Record<string, Variable>,
    Variable[],
  ];
  floating.forEach((i, at) =>
    assertClose(`the gradient by input ${i}`, byInputs[at]!, one.gradients!.inputs[i]!)
  );
  for (const [name, values] of Object.entries(one.gradients!.weights)) {
    assertClose(`the gradient by ${name}`, byWeights[pathOf(one, name)]!, values);
  }
}

for (const one of LAYER_CASES.filter(({ adaptTo }) => adaptTo !== undefined)) {
  Deno.test(`Keras finds the same statistics: ${one.name}`, () => {
    const layer = adaptNormalization(variableOf(one.adaptTo!), one.options);
    const x = variableOf(one.inputs[0]!);
    const made = initialize(layer, key(0), x);
    for (const [name, values] of Object.entries(one.weights)) assertClose(name, made.state[name]!, values);
    assertClose("the output", applyLayer(layer, made, x).output, one.output);
  });
}

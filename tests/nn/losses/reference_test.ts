import { assertEquals } from "@std/assert";
import { compile, constant, grad, type Variable } from "../../../mod.ts";
import { losses, meanLoss } from "../../../src/nn/losses/loss.ts";
import "../../../src/nn/mod.ts";
import fixture from "../../fixtures/framework/losses.json" with { type: "json" };
import { assertClose, toArray, toVariable, type Values } from "../reference.ts";

interface LossCase {
  readonly name: string;
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly labels: Values;
  readonly predictions: Values;
  readonly values: Values;
  readonly mean: number;
  readonly gradient: Values;
  readonly sampleWeights: Values;
  readonly weightedMean: number;
  readonly weightedGradient: Values;
}

/** Cases where this package differs from Keras, with the reason, and what is compared still. */
const OTHERWISE: { readonly [name: string]: readonly [reason: string, compared: "values" | "nothing"] } = {
  "binaryFocalCrossentropy, fromLogits, extreme": [
    "Keras keeps the probabilities of logits at least 1e-7 from 0 and 1, and has no gradient beyond; here it is exact",
    "nothing",
  ],
  "cosineSimilarity along axis 0": [
    "along the batch it is no value of each example, which models refuse",
    "values",
  ],
  "klDivergence with zeros": ["JAX halves the gradient of predictions that are exactly 1", "values"],
};

const cases = fixture.cases as unknown as readonly LossCase[];

Deno.test("the cases that differ from Keras are there", () => {
  assertEquals(Object.keys(OTHERWISE).filter((name) => !cases.some((each) => each.name === name)), []);
});

for (const each of cases.filter(({ name }) => OTHERWISE[name]?.[1] !== "nothing")) {
  const isSame = !(each.name in OTHERWISE);
  const what = isSame ? "values, means and gradients" : "values";
  Deno.test(`the loss ${each.name} has Keras's ${what}, eager and compiled`, () => {
    const loss = losses.make(each.kind, each.options);
    const p = toVariable(each.predictions);
    const isPerExample = each.options["axis"] === undefined;
    const y = isPerExample
      ? constant(loss.readLabels(toArray(each.labels), each.predictions.shape.slice(1)))
      : toVariable(each.labels);
    const weights = toVariable(each.sampleWeights);
    const values = (q: Variable): Variable => {
      const computed = loss.compute(y, q);
      return "valid" in computed ? computed.values.mul(computed.valid) : computed;
    };
    const mean = (q: Variable): Variable => meanLoss(loss, y, q, undefined, undefined);
    const weighted = (q: Variable): Variable => meanLoss(loss, y, q, weights, undefined);
    for (const run of [(f: (q: Variable) => Variable) => f, (f: (q: Variable) => Variable) => compile(f)]) {
      assertClose(run(values)(p).toArray(), each.values, "values");
      if (!isSame) continue;
      assertClose(run(mean)(p).toArray(), { shape: [], data: [each.mean] }, "mean");
      assertClose(run(weighted)(p).toArray(), { shape: [], data: [each.weightedMean] }, "weighted mean");
      assertClose(run(grad(mean))(p).toArray(), each.gradient, "gradient");
      assertClose(run(grad(weighted))(p).toArray(), each.weightedGradient, "weighted gradient");
    }
  });
}

Deno.test("binaryFocalCrossentropy of extreme logits is exact: the logit where it is wrong, with its gradient", () => {
  const loss = losses.make("binaryFocalCrossentropy", { fromLogits: true });
  const f = (z: Variable): Variable => meanLoss(loss, constant([[0], [1], [1]]), z, undefined, undefined);
  const z = constant([[200], [-800], [50]]);
  assertClose(f(z).toArray(), { shape: [], data: [1000 / 3] }, "loss");
  assertClose(grad(f)(z).toArray(), { shape: [3, 1], data: [1 / 3, -1 / 3, 0] }, "gradient");
});

import { assert, assertEquals } from "@std/assert";
import { compile, constant, NdArray, type Variable } from "../../../mod.ts";
import { activation, sequential } from "../../../src/nn/mod.ts";
import { meanMetric, type Metric, metricOf, metrics, type Totals } from "../../../src/nn/metrics/metric.ts";
import { losses } from "../../../src/nn/losses/loss.ts";
import fixture from "../../fixtures/framework/metrics.json" with { type: "json" };
import { assertClose, toArray, toVariable, type Values } from "../reference.ts";

interface Batch {
  readonly labels: Values;
  readonly predictions: Values;
  readonly sampleWeights?: Values;
}

interface MetricCase {
  readonly name: string;
  readonly library: "keras" | "sklearn";
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly batches: readonly Batch[];
  readonly results: readonly (number | string | Values)[];
}

/** What is not here, with the reason. */
const MISSING: { readonly [kind: string]: string } = {
  exactAuc:
    "it needs all examples at once; auc() with every score as a threshold is compared with its ROC below",
};

/** Keras adds 1e-7 to each divisor of F scores; here they are exact, as in scikit-learn. */
const TOLERANCES: { readonly [kind: string]: number } = { f1Score: 3e-6, fBetaScore: 3e-6 };

const AGGREGATIONS: { readonly [name: string]: string } = {
  uniform_average: "uniformAverage",
  variance_weighted_average: "varianceWeightedAverage",
};

const cases = fixture.cases as unknown as readonly MetricCase[];

/** The metric of a case. */
function make({ kind, library, options }: MetricCase): Metric {
  // The class of this name in Keras compares numbers; here accuracy decides by the shape of the output.
  if (kind === "accuracy") return meanMetric("accuracy", (y, p) => y.eq(p));
  const { classAggregation, ...rest } = options;
  const given = classAggregation === undefined
    ? rest
    : { ...rest, classAggregation: AGGREGATIONS[String(classAggregation)] ?? null };
  if (metrics.has(kind)) return metrics.make(kind, given);
  assert(library === "keras");
  return metricOf(losses.make(kind, given));
}

/** Class numbers as scikit-learn has them as what a model gives: one column for each class. */
function asOutput({ library, kind, options }: MetricCase, predictions: Values): Variable {
  const found = toVariable(predictions);
  if (library !== "sklearn" || options["average"] === undefined || kind === "confusionMatrix") return found;
  const columns = found.toArray().data;
  return constant(Array.from(columns, (c) => [0, 1, 2, 3].map((k) => Number(k === c))));
}

function startOf(metric: Metric, output: Variable): Totals {
  const shapes = typeof metric.totals === "function" ? metric.totals(output.shape.slice(1)) : metric.totals;
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return [name, constant(new NdArray(new Float64Array(size), [...shape]))];
    }),
  );
}

const asValues = (result: number | string | Values): Values =>
  typeof result === "object" ? result : { shape: [], data: [result] };

Deno.test("every case of the fixture is run, or there is a reason", () => {
  const unknown = cases.filter(({ kind }) =>
    !metrics.has(kind) && !losses.has(kind) && !(kind in MISSING) && kind !== "accuracy"
  );
  assertEquals(unknown.map(({ name }) => name), []);
});

for (const each of cases.filter(({ kind }) => !(kind in MISSING))) {
  Deno.test(`the metric ${each.name} of ${each.library} is right after each batch, eager and compiled`, () => {
    const metric = make(each);
    const update = (totals: Totals, y: Variable, p: Variable, w: Variable | undefined): Totals =>
      metric.update(totals, y, p, w);
    for (const run of [update, compile(update)]) {
      let totals = startOf(metric, asOutput(each, each.batches[0]!.predictions));
      each.batches.forEach(({ labels, predictions, sampleWeights }, i) => {
        const weights = sampleWeights === undefined ? undefined : toVariable(sampleWeights);
        totals = run(totals, toVariable(labels), asOutput(each, predictions), weights);
        for (const total of Object.values(totals)) assertEquals(total.dtype, "float64");
        const tolerance = each.library === "keras" ? TOLERANCES[each.kind] : undefined;
        assertClose(metric.result(totals).toArray(), asValues(each.results[i]!), `batch ${i}`, tolerance);
      });
    }
  });
}

for (const each of cases.filter(({ kind, options }) => kind === "exactAuc" && options["curve"] === "ROC")) {
  Deno.test(`auc() with a threshold at each score is the ${each.name}`, () => {
    const scores = each.batches.flatMap(({ predictions }) => predictions.data.map(Number));
    const metric = metrics.make("auc", { thresholds: [...new Set(scores)] });
    let totals = startOf(metric, constant([0]));
    each.batches.forEach(({ labels, predictions, sampleWeights }, i) => {
      const weights = sampleWeights === undefined ? undefined : toVariable(sampleWeights);
      totals = metric.update(totals, toVariable(labels), toVariable(predictions), weights);
      assertClose(metric.result(totals).toArray(), asValues(each.results[i]!), `batch ${i}`);
    });
  });
}

/** Rows of several batches as one array. */
function joinRows(parts: readonly Values[]): NdArray {
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  return toArray({ shape: [rows, ...parts[0]!.shape.slice(1)], data: parts.flatMap(({ data }) => data) });
}

/** A loss that takes the labels of a case as they are. */
const LOSSES: { readonly [kind: string]: string } = {
  sparseCategoricalAccuracy: "sparseCategoricalCrossentropy",
  sparseTopKCategoricalAccuracy: "sparseCategoricalCrossentropy",
  sparseCategoricalCrossentropy: "sparseCategoricalCrossentropy",
};

for (const each of cases.filter(({ library, kind }) => library === "keras" && !(kind in MISSING))) {
  for (const isCompiled of [false, true]) {
    const how = isCompiled ? "compiled" : "eager";
    Deno.test(`evaluate() gives the metric ${each.name} over batches of 4, ${how}`, () => {
      const width = each.batches[0]!.predictions.shape[1]!;
      const model = sequential([activation("linear")], { dtype: "float64" }).build([width]);
      const metric = make(each);
      const loss = LOSSES[each.kind];
      model.compile({
        optimizer: "sgd",
        loss: loss === undefined ? "meanSquaredError" : losses.make(loss, { fromLogits: true }),
        weightedMetrics: [{ ...metric, name: "measured" }],
        compile: isCompiled,
      });
      const found = model.evaluate(
        joinRows(each.batches.map(({ predictions }) => predictions)),
        joinRows(each.batches.map(({ labels }) => labels)),
        {
          batchSize: 4,
          ...each.batches[0]!.sampleWeights === undefined
            ? {}
            : { sampleWeight: joinRows(each.batches.map(({ sampleWeights }) => sampleWeights!)) },
        },
      );
      const expected = asValues(each.results.at(-1)!);
      const keys = Object.keys(found).filter((key) => key.startsWith("measured"));
      const array = new NdArray(Float64Array.from(keys, (key) => found[key]!), [...expected.shape]);
      assertClose(array, expected, each.name, TOLERANCES[each.kind]);
    });
  }
}

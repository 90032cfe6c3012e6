import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { constant, tape, type Variable, variable } from "../../mod.ts";
import { add, concatenate, dense, embedding, flatten, input, model, sequential } from "../../src/nn/mod.ts";
import {
  boundaryChart,
  confusionMatrixChart,
  histogramChart,
  modelToDot,
  picture,
  plotModel,
  predictionChart,
  residualChart,
  rocChart,
  svgToPng,
  toDot,
} from "../../src/viz/mod.ts";

/** The texts of a picture. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]!);
}

Deno.test("confusionMatrixChart() counts each pair of label and prediction", async () => {
  const svg = await confusionMatrixChart([0, 0, 0, 1, 2, 2], [0, 0, 1, 1, 2, 0], {
    classes: ["ant", "bee", "cow"],
  });
  const texts = textsOf(svg);
  for (const name of ["ant", "bee", "cow"]) assertEquals(texts.filter((text) => text === name).length, 2);
  assertEquals(texts.filter((text) => /^\d$/.test(text)).sort().join(""), "000011112".slice(0, 9));
  const counts = [...svg.matchAll(/aria-label="[^"]*count: (\d)[^"]*"/g)].map((match) => Number(match[1]));
  assertEquals(counts.reduce((a, b) => a + b, 0), 6);
});

Deno.test("rocChart() shows the area under the curve: the share of pairs that are in order, ties by half", async () => {
  const labels = [0, 1, 0, 1, 1, 0, 1, 0];
  const scores = [0.1, 0.9, 0.4, 0.4, 0.35, 0.6, 0.8, 0.2];
  let [pairs, inOrder] = [0, 0];
  labels.forEach((a, i) =>
    labels.forEach((b, j) => {
      if (a !== 1 || b !== 0) return;
      pairs++;
      inOrder += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
    })
  );
  const title = textsOf(await rocChart(labels, scores)).find((text) => text.startsWith("area"))!;
  assertAlmostEquals(Number(title.split(" ").at(-1)), inOrder / pairs, 5e-4);
  assertStringIncludes(await rocChart([0, 1], [0, 1], { title: "Best" }), "Best: area under the curve 1.000");
});

Deno.test("rocChart() refuses one class alone and other labels", async () => {
  await assertRejects(() => rocChart([1, 1], [0, 1]), TypeError, "all labels are 1, expected both classes");
  await assertRejects(() => rocChart([0, 2], [0, 1]), TypeError, "a label is 2, expected 0 or 1");
});

Deno.test("predictionChart() and residualChart() draw each example, and a sample of very many", async () => {
  const dots = (svg: string): number => svg.match(/aria-roledescription="point"/g)?.length ?? 0;
  const x = Array.from({ length: 50 }, (_, i) => i / 7);
  assertEquals(dots(await predictionChart(x, x.map((y) => y + 1))), 50);
  assertEquals(dots(await residualChart(constant(x).reshape([50, 1]), x)), 50);
  const many = Array.from({ length: 10_000 }, (_, i) => Math.sin(i));
  assertEquals(dots(await predictionChart(many, many)), 3000);
  await assertRejects(() => predictionChart([], []), TypeError, "labels hold no number");
  await assertRejects(() => residualChart([1, 2], [1]), TypeError, "there are 2 labels and 1 predictions");
  await assertRejects(() => residualChart([1, NaN], [1, 2]), TypeError, "labels hold NaN at 1");
  await assertRejects(() => residualChart([1], [1], { widht: 3 } as never), TypeError, "widht");
});

Deno.test("histogramChart() counts numbers, and says how many are not finite", async () => {
  const svg = await histogramChart({ w: [1, 2, 2, NaN], b: [0, 0] });
  const texts = textsOf(svg);
  assert(texts.includes("w: 4 numbers, 1 not finite"), texts.join("|"));
  assert(texts.includes("b: 2 numbers"));
  const counts = [...svg.matchAll(/aria-label="[^"]*count: (\d+)/g)].map((match) => Number(match[1]));
  assertEquals(counts.reduce((a, b) => a + b, 0), 5);
  assertStringIncludes(await histogramChart({ none: [NaN] }), "none: 1 numbers, 1 not finite");
  await assertRejects(() => histogramChart({}), TypeError, "pass arrays by name");
  await assertRejects(() => histogramChart({ w: [] }), TypeError, "w holds no number");
});

Deno.test("boundaryChart() colours places by the class that they are taken for", async () => {
  const points = [[0, 0], [1, 1], [0, 1]];
  const svg = await boundaryChart(points, [0, 1, 0], (x: Variable) => x.sum({ axis: 1 }).gt(1.5));
  const classes = [...svg.matchAll(/aria-label="[^"]*class: (\d)"/g)].map((match) => match[1]);
  assert(classes.filter((name) => name === "1").length > 500);
  assert(classes.filter((name) => name === "0").length > 3000);
  await assertRejects(() => boundaryChart([1, 2], [0], (x) => x), TypeError, "the points have shape [2]");
  await assertRejects(
    () => boundaryChart([[1, 2]], [0.5], (x) => x.sum({ axis: 1 })),
    TypeError,
    "a class is 0.5",
  );
  await assertRejects(() => boundaryChart([[1, 2]], [0], () => constant([1])), TypeError, "gave shape [1]");
  const names = { classes: ["a", "a"] };
  await assertRejects(
    () => boundaryChart(points, [0, 1, 0], (x) => x.sum({ axis: 1 }), names),
    TypeError,
    "names",
  );
});

Deno.test("plotModel() shows layers with name, shape and parameters, and branches", async () => {
  const numbers = input({ shape: [3], name: "numbers" });
  const city = input({ shape: [1], name: "city" });
  const place = flatten().apply(embedding({ inputDim: 10, outputDim: 4 }).apply(city));
  const hidden = dense({ units: 16, name: "hidden" }).apply(concatenate().apply([numbers, place]));
  const sum = add().apply([dense({ units: 16 }).apply(hidden), hidden]);
  const rent = model({ inputs: { numbers, city }, outputs: sum }).build();
  const graph = rent.layerGraph();
  assertEquals(graph.map(({ name }) => name), [
    "numbers",
    "city",
    "embedding",
    "flatten",
    "concatenate",
    "hidden",
    "dense",
    "add",
  ]);
  assertEquals(graph.map(({ parameters }) => parameters), [0, 0, 40, 0, 0, 7 * 16 + 16, 16 * 16 + 16, 0]);
  assertEquals(graph.at(-1)!.operands, [6, 5]);
  const dot = modelToDot(rent, { title: "Rent" });
  assertStringIncludes(dot, 'label="hidden (dense)\\n[batch, 16]\\n128 parameters"');
  assertStringIncludes(dot, "n6 -> n7;\n  n5 -> n7;");
  assertStringIncludes(await plotModel(rent), "[batch, 1, 4]");
  const twice = dense({ units: 2 });
  const calls = sequential([twice, twice]).build([2]).layerGraph();
  assertEquals(calls.map(({ id, name, operands }) => [id, name, ...operands]), [
    [0, "input"],
    [1, "dense", 0],
    [2, "dense", 1],
  ]);
  assertThrows(() => modelToDot({} as never), TypeError, "pass a model");
  assertThrows(
    () => modelToDot(sequential([dense({ units: 1 })])),
    TypeError,
    "call build(inputShape) or fit() first",
  );
});

Deno.test("toDot() numbers rows, and tells inputs from weights", () => {
  const [w, x] = [variable(2, { name: "w" }), variable(3, { name: "x" })];
  const f = w.mul(x).add(constant(1, { name: "shift" })).named("out");
  const dot = toDot(f, { inputs: [x] });
  const fill = (name: string): string =>
    new RegExp(`"%\\d+ ${name}\\\\n[^\\]]*fillcolor="(#\\w+)"`).exec(dot)![1]!;
  assertEquals(fill("x"), fill("shift"));
  assertEquals(fill("w") === fill("x"), false);
  assertStringIncludes(dot, "add out");
  tape.clear();
});

Deno.test("picture() shows itself in notebooks, svgToPng() makes pixels", async () => {
  const svg = residualChart([1, 2], [1, 1]);
  const shown = await picture(svg) as unknown as { [key: symbol]: () => { [type: string]: string } };
  assert(shown[Symbol.for("Jupyter.display")]!()["text/html"]!.startsWith("<svg"));
  await assertRejects(() => picture("hello"), TypeError, "pass SVG text");
  const small =
    '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="4"><rect width="10" height="4" fill="red"/></svg>';
  const png = await svgToPng(small, { scale: 3 });
  const header = new DataView(png.buffer);
  assertEquals([header.getUint32(16), header.getUint32(20)], [30, 12]);
  await assertRejects(() => svgToPng("<svg"), SyntaxError, "Cannot draw the picture");
  await assertRejects(() => svgToPng(small, { scale: 100 }), RangeError, "scale");
});

import { assert, assertEquals, assertNotMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { type ChartHistory, lossChart, type LossChartOptions } from "../../src/viz/mod.ts";

/** How many points each unbroken piece of each line has. */
function pointsOf(svg: string): number[][] {
  const lines = svg.matchAll(/aria-roledescription="line mark" d="M([^"]+)"/g);
  return [...lines].map((line) => line[1]!.split("M").map((piece) => piece.split("L").length));
}

Deno.test("lossChart() draws a point per epoch of each loss", async () => {
  const history = { loss: [3, 2, 1, 0.5], valLoss: [3, 2.5, 2, 1.5], accuracy: [0, 0, 1, 1] };
  const svg = await lossChart({ history });
  assertEquals(pointsOf(svg), [[4], [4]]);
  for (const text of ["epoch", "loss", "valLoss"]) assertStringIncludes(svg, `>${text}</text>`);
  assert(!svg.includes("accuracy"), svg);
});

Deno.test("lossChart() takes the lists without the history around them", async () => {
  assertEquals(await lossChart({ loss: [2, 1] }), await lossChart({ history: { loss: [2, 1] } }));
});

Deno.test("lossChart() shows falling losses falling", async () => {
  const svg = await lossChart({ loss: [4, 2, 0] }, { width: 200, height: 100 });
  assertStringIncludes(svg, 'd="M0,0L100,50L200,100"');
});

Deno.test("lossChart() leaves a gap where a value is not finite", async () => {
  const svg = await lossChart({ loss: [3, 2, NaN, 1, 0.5, 0.4], valLoss: [Infinity, 3, 2, 1, 1, 1] });
  assertEquals(pointsOf(svg), [[2, 3], [5]]);
  assertNotMatch(svg, /NaN|Infinity/);
});

Deno.test("lossChart() has a legend only for more than one line", async () => {
  const alone = await lossChart({ loss: [2, 1] });
  assert(!alone.includes("role-legend"), alone);
  assertStringIncludes(await lossChart({ loss: [2, 1], valLoss: [2, 1] }), "role-legend");
});

Deno.test("lossChart() draws the series asked for, named at the axis", async () => {
  const history = { loss: [2, 1], accuracy: [0, 1], valAccuracy: [0, 0.5] };
  const one = await lossChart({ history }, { series: ["accuracy"] });
  assertEquals(pointsOf(one), [[2]]);
  assertStringIncludes(one, ">accuracy</text>");
  assert(!one.includes(">loss</text>"), one);
  const two = await lossChart({ history }, { series: ["accuracy", "valAccuracy"] });
  assertEquals(pointsOf(two), [[2], [2]]);
  assertStringIncludes(two, ">value</text>");
});

Deno.test("lossChart() has a white background, and escapes its title", async () => {
  const svg = await lossChart({ loss: [2, 1] }, { title: "<b> & co" });
  assertStringIncludes(svg, ">&lt;b&gt; &amp; co</text>");
  assertStringIncludes(svg, 'fill="white"');
});

Deno.test("lossChart() draws a single epoch as a point", async () => {
  const svg = await lossChart({ loss: [2] });
  assertEquals(svg.match(/aria-roledescription="point"/g)?.length, 1);
  assert(!svg.includes("NaN"), svg);
});

const MISTAKES: [what: string, ChartHistory, LossChartOptions, ErrorConstructor, message: string][] = [
  ["an empty history", {}, {}, TypeError, "found nothing, expected a list named loss"],
  [
    "a history without losses",
    { accuracy: [1] },
    {},
    TypeError,
    "found accuracy, expected a list named loss",
  ],
  ["an empty list", { loss: [] }, {}, TypeError, "Cannot draw loss: its list is empty"],
  ["losses that are all NaN", { loss: [NaN, NaN] }, {}, TypeError, "loss without a finite value"],
  ["no series", { loss: [1] }, { series: [] }, TypeError, "expected a list named loss"],
  [
    "an unknown series",
    { loss: [1] },
    { series: ["toString"] },
    RangeError,
    "Cannot draw toString: found loss",
  ],
  ["a width of 0", { loss: [1] }, { width: 0 }, RangeError, "0 by 280 pixels"],
  ["a height of NaN", { loss: [1] }, { height: NaN }, RangeError, "480 by NaN pixels"],
];
for (const [what, history, options, expected, message] of MISTAKES) {
  Deno.test(`lossChart() rejects ${what}`, async () => {
    await assertRejects(() => lossChart(history, options), expected, message);
  });
}

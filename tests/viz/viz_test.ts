import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { constant, tape, variable } from "../../mod.ts";
import { lossChart, toDot, toSvg } from "../../src/viz/mod.ts";

Deno.test("toDot() draws the rows a Variable came from, and no others", () => {
  const x = variable(3, { name: 'x "quoted"' });
  const unrelated = variable(1, { name: "unrelated" });
  unrelated.exp();
  const y = x.mul(x).add(1);
  y.backward({ retainTape: true });
  const dot = toDot(y);
  assertStringIncludes(dot, 'x \\"quoted\\"\\nvalue 3\\nderivative 6');
  assertEquals(dot.match(/->/g)?.length, 4);
  assert(!dot.includes("unrelated"));
  tape.clear();
  assertThrows(() => toDot(constant(1)), TypeError, "it is not on the tape");
});

Deno.test("toSvg() lays the graph out", async () => {
  const svg = await toSvg(variable(3, { name: "weight" }).sigmoid());
  for (const text of ["<svg", "weight", "sigmoid"]) assertStringIncludes(svg, text);
  tape.clear();
});

Deno.test("lossChart() draws a line for each loss, and says what is missing", async () => {
  const svg = await lossChart({ history: { loss: [3, 2, 1], valLoss: [3, 2.5, NaN], accuracy: [0, 1, 1] } });
  for (const text of ["<svg", "epoch", "valLoss"]) assertStringIncludes(svg, text);
  assert(!svg.includes("accuracy"));
  await assertRejects(
    () => lossChart({ accuracy: [1] }),
    TypeError,
    "found accuracy, expected a list named loss",
  );
  await assertRejects(() => lossChart({ loss: [] }), TypeError);
});

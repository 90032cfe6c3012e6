/** A tour of the library: read this first. */
import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { grad, tape, valueAndGrad, type Variable, variable } from "../mod.ts";
import { loadIris, standardScaler } from "../src/data/mod.ts";
import { dense, sequential } from "../src/nn/mod.ts";
import { sgd } from "../src/optim/mod.ts";

Deno.test("1. an operation appends a row to the tape", () => {
  const x = variable(3, { name: "x" });
  const y = x.mul(x);
  assertEquals([y.value, tape.length, tape.operationName(1), tape.operandsOf(1)], [9, 2, "mul", [0, 0]]);
  tape.clear();
});

Deno.test("2. walking the rows backwards gives derivatives", () => {
  const x = variable(3);
  x.mul(x).backward();
  assertEquals([x.grad?.item(), tape.length], [6, 0]);
});

Deno.test("3. grad() does both, for a function", () => {
  const f = (x: Variable) => x.square().sum();
  assertEquals(grad(f)([1, 2, 3]), [2, 4, 6]);
  assertEquals(grad(grad((x: Variable) => x.pow(3)))(2), 12);
});

Deno.test("4. gradient descent is a loop over valueAndGrad()", () => {
  const loss = ({ w, b }: { w: Variable; b: Variable }) =>
    w.mul([1, 2, 3]).add(b).sub([3, 5, 7]).square().mean();
  let p = { w: 0, b: 0 };
  for (let step = 0; step < 500; step++) {
    const [, slope] = valueAndGrad(loss)(p);
    p = { w: p.w - 0.1 * slope.w, b: p.b - 0.1 * slope.b };
  }
  assertAlmostEquals(p.w, 2, 1e-3);
  assertAlmostEquals(p.b, 1, 1e-3);
});

Deno.test("5. a model does that by itself", async () => {
  const { features, labels } = loadIris({ classes: ["setosa", "versicolor"] });
  const model = sequential([
    dense({ units: 3, activation: "sigmoid" }),
    dense({ units: 1, activation: "sigmoid" }),
  ]);
  model.compile({ optimizer: sgd({ learningRate: 1 }), loss: "binaryCrossentropy" });
  const { history } = await model.fit(standardScaler().fitTransform(features), labels, { epochs: 30 });
  assertLess(history["loss"]!.at(-1)!, history["loss"]![0]!);
});

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { constant, tape, variable } from "../../mod.ts";
import { toDot, toSvg } from "../../src/viz/mod.ts";

Deno.test("toDot() draws the rows a Variable came from, and no others", () => {
  const x = variable(3, { name: "x" });
  variable(1, { name: "unrelated" }).exp();
  const y = x.mul(x).add(1);
  y.backward({ retainTape: true });
  const dot = toDot(y);
  assertStringIncludes(dot, "x\\nvalue 3\\nderivative 6");
  assertStringIncludes(dot, "mul\\nvalue 9\\nderivative 1");
  assertStringIncludes(dot, 'constant\\nvalue 1"');
  assertEquals(dot.match(/->/g)?.length, 4);
  assert(!dot.includes("unrelated"), dot);
  tape.clear();
});

Deno.test("toDot() shows no derivatives before a walk", () => {
  const dot = toDot(variable(3).square());
  assertStringIncludes(dot, "square\\nvalue 9");
  assert(!dot.includes("derivative"), dot);
  tape.clear();
});

Deno.test("toDot() shows small arrays and the shapes of large ones", () => {
  const dot = toDot(
    variable([[1, 2], [3, 4]], { name: "large" }).sum().add(variable([5, 6], { name: "small" })),
  );
  assertStringIncludes(dot, 'large\\nvalue [2, 2]"');
  assertStringIncludes(dot, 'small\\nvalue [2] 5 6"');
  tape.clear();
});

Deno.test("toDot() says what to do with a Variable that is not on the tape", () => {
  assertThrows(
    () => toDot(constant(1)),
    TypeError,
    "it is not on the tape; compute it from a trainable variable()",
  );
  const y = variable(3).square();
  y.backward();
  assertThrows(() => toDot(y), TypeError, "backward({ retainTape: true })");
});

Deno.test("toSvg() shows every label of the neuron and passes its options on", async () => {
  const [w, x, b] = [variable(2, { name: "w" }), variable(3, { name: "x" }), variable(-6, { name: "b" })];
  const y = w.mul(x).add(b).sigmoid();
  y.backward({ retainTape: true });
  const svg = await toSvg(y, { title: "a neuron" });
  for (
    const text of [
      "%0 w",
      "%1 x",
      "%3 b",
      "%2 mul",
      "%4 add",
      "%5 sigmoid",
      "value 0.5",
      "derivative 0.75",
      "a neuron",
    ]
  ) {
    assertStringIncludes(svg, `>${text}</text>`);
  }
  assertEquals(svg.match(/class="node"/g)?.length, 6);
  tape.clear();
});

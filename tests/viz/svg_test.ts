import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dotToSvg, nodesToDot } from "../../src/viz/mod.ts";

Deno.test("dotToSvg() lays out every node and arrow", async () => {
  const svg = await dotToSvg("digraph { x -> z; y -> z }");
  assertEquals(svg.match(/class="node"/g)?.length, 3);
  assertEquals(svg.match(/class="edge"/g)?.length, 2);
});

Deno.test("names reach the picture as they were written", async () => {
  const names: [name: string, shown: string][] = [
    ["a\\nb", "a\\nb"],
    ["&lt;", "&amp;lt;"],
    ["x < y & z", "x &lt; y &amp; z"],
    ['"q"', "&quot;q&quot;"],
    ["größe λ", "größe λ"],
  ];
  const svg = await dotToSvg(
    nodesToDot(
      names.map(([name], id) => ({
        id,
        operation: "variable",
        name,
        value: "1",
        operands: [],
        kind: "input",
      })),
      { title: "A & B" },
    ),
  );
  // Spaces may come as non-breaking ones.
  const text = svg.replaceAll(/&#160;|\u00a0/g, " ");
  for (const [, shown] of names) assertStringIncludes(text, `>${shown}</text>`);
  assertStringIncludes(text, ">A &amp; B</text>");
});

Deno.test("dotToSvg() rejects text that is not DOT, and works again after it", async () => {
  await assertRejects(
    () => dotToSvg("digraph { x -> "),
    SyntaxError,
    "Cannot draw the graph: syntax error in line 1",
  );
  await assertRejects(() => dotToSvg(""), SyntaxError, "Cannot draw the graph: ");
  assertStringIncludes(await dotToSvg("digraph { x }"), "<svg");
});

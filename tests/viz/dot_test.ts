import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type GraphNode, nodesToDot } from "../../src/viz/mod.ts";

function leaf(id: number, name: string): GraphNode {
  return { id, operation: "variable", name, value: "3", operands: [], kind: "parameter" };
}
function product(id: number, ...operands: number[]): GraphNode {
  return { id, operation: "mul", value: "9", adjoint: "1", operands, kind: "operation" };
}

Deno.test("nodesToDot() writes boxes in the order of the nodes, and an arrow per operand", () => {
  const dot = nodesToDot([leaf(2, "x"), leaf(5, "y"), product(7, 2, 5), product(9, 7, 7)]);
  assertEquals([...dot.matchAll(/^ {2}(n\d+) \[/gm)].map((m) => m[1]), ["n2", "n5", "n7", "n9"]);
  assertEquals(dot.match(/n\d+ -> n\d+/g), ["n2 -> n7", "n5 -> n7", "n7 -> n9", "n7 -> n9"]);
});

Deno.test("nodesToDot() shows operation, name, value and derivative", () => {
  const dot = nodesToDot([leaf(0, "x"), { ...product(1, 0, 0), name: "area" }, {
    id: 2,
    operation: "constant",
    value: "4",
    operands: [],
    kind: "constant",
  }]);
  assertStringIncludes(dot, 'label="x\\nvalue 3"');
  assertStringIncludes(dot, 'label="mul area\\nvalue 9\\nderivative 1"');
  assertStringIncludes(dot, 'label="constant\\nvalue 4"');
});

Deno.test("nodesToDot() colours each kind of node differently", () => {
  const kinds = ["input", "parameter", "constant", "operation"] as const;
  const dot = nodesToDot(kinds.map((kind, id) => ({ ...leaf(id, kind), kind })));
  assertEquals(new Set(dot.match(/fillcolor="[^"]+"/g)).size, 4);
});

Deno.test("nodesToDot() takes a direction and a title", () => {
  assertStringIncludes(nodesToDot([]), "rankdir=LR;");
  const dot = nodesToDot([leaf(0, "x")], { rankdir: "TB", title: 'The "graph"' });
  assertStringIncludes(dot, "rankdir=TB;");
  assertStringIncludes(dot, 'label="The \\"graph\\""');
});

const ESCAPES: [name: string, written: string][] = [
  ['say "x"', 'say \\"x\\"'],
  ["a\\nb", "a\\\\nb"],
  ["a\r\nb\0c", "a b c"],
  ["&lt;", "&amp;lt;"],
];
for (const [name, written] of ESCAPES) {
  Deno.test(`nodesToDot() escapes the name ${JSON.stringify(name)}`, () => {
    assertStringIncludes(nodesToDot([leaf(0, name)]), `label="${written}\\nvalue 3"`);
  });
}

const MISTAKES: [what: string, nodes: GraphNode[], message: string][] = [
  [
    "an operand that comes later",
    [leaf(0, "x"), product(1, 0, 2), leaf(2, "y")],
    "its operand 2 does not stand",
  ],
  [
    "a node that is its own operand",
    [product(0, 0)],
    "Cannot draw node 0: its operand 0 does not stand before",
  ],
  [
    "an operand that is not there",
    [leaf(0, "x"), product(1, 0, 8)],
    "its operand 8 does not stand before it",
  ],
  [
    "an id that comes twice",
    [leaf(4, "x"), leaf(4, "y")],
    "Cannot draw node 4: another node has the same id",
  ],
  ["an id below 0", [leaf(-1, "x")], "Cannot draw node -1: its id must be a whole number"],
  ["a fractional id", [leaf(0.5, "x")], "Cannot draw node 0.5: its id must be a whole number"],
];
for (const [what, nodes, message] of MISTAKES) {
  Deno.test(`nodesToDot() rejects ${what}`, () => {
    assertThrows(() => nodesToDot(nodes), RangeError, message);
  });
}

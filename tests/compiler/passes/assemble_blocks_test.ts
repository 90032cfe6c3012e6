import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Shape } from "../../../src/array/shape.ts";
import { assemblePlaces } from "../../../src/compiler/passes/assemble_blocks.ts";
import { assertSamePrograms, graphOf, lines, operationNames } from "../graphs.ts";

const place = (begin: Shape, shape: Shape) => ({ begin, shape });

Deno.test("assemblePlaces() makes one operation of a sum of places", () => {
  const before = graphOf([[2], [3], [1]], (ops, x, y, z) =>
    ops.add(
      ops.add(ops.place(x!, place([0], [6])), ops.place(y!, place([2], [6]))),
      ops.place(z!, place([5], [6])),
    ));
  const after = assemblePlaces(before);
  assertEquals(lines(after), [
    "%0 = input 0: float64[2]",
    "%1 = input 1: float64[3]",
    "%2 = input 2: float64[1]",
    '%3 = assemble %0 %1 %2 {"shape":[6],"begins":[[0],[2],[5]]}: float64[6]',
    "return %3",
  ]);
  assertSamePrograms(after, before);
});

Deno.test("assemblePlaces() adds up blocks that overlap, and terms that are no places", () => {
  const before = graphOf([[2, 2], [2, 2], [3, 3]], (ops, x, y, z) => {
    const [a, b] = [ops.place(x!, place([0, 0], [3, 3])), ops.place(y!, place([1, 1], [3, 3]))];
    return ops.add(ops.add(ops.tanh(z!), a), ops.add(b, ops.add(z!, a)));
  });
  const after = assemblePlaces(before);
  assertEquals(operationNames(after), ["assemble", "tanh", "add", "add"]);
  assertEquals(after.outputs[0]!.shape, [3, 3]);
  assertSamePrograms(after, before, 1e-14);
});

Deno.test("assemblePlaces() counts a place that is added twice twice", () => {
  const before = graphOf([[1], [2]], (ops, x, y) => {
    const sum = ops.add(ops.place(x!, place([1], [3])), ops.place(y!, place([0], [3])));
    return ops.add(sum, sum);
  });
  const after = assemblePlaces(before);
  assertSamePrograms(after, before, 1e-14);
});

Deno.test("assemblePlaces() leaves a single place, other sums, and sums that broadcast", () => {
  const before = graphOf([[2], [1, 4]], (ops, x, y) => [
    ops.add(ops.place(x!, place([1], [4])), 1),
    ops.add(ops.place(x!, place([1], [4])), ops.place(y!, place([1, 0], [2, 4]))),
    ops.sub(ops.place(x!, place([1], [4])), ops.place(x!, place([0], [4]))),
  ]);
  const after = assemblePlaces(before);
  assertEquals(lines(after), lines(before));
  const none = graphOf([[2]], (ops, x) => ops.add(x!, x!));
  assertStrictEquals(assemblePlaces(none), none);
});

Deno.test("assemblePlaces() keeps a sum in between that is read elsewhere, or is a result itself", () => {
  const before = graphOf([[1], [1], [1]], (ops, x, y, z) => {
    const inner = ops.add(ops.place(x!, place([0], [3])), ops.place(y!, place([1], [3])));
    return [ops.add(inner, ops.place(z!, place([2], [3]))), inner, ops.exp(inner)];
  });
  const after = assemblePlaces(before);
  assertEquals(after.outputs[1]!.operation!.name, "assemble");
  assertStrictEquals(after.outputs[2]!.operands[0], after.outputs[1]);
  assertSamePrograms(after, before, 1e-14);
});

Deno.test("assemblePlaces() works for rank 0, empty blocks, and hundreds of elements", () => {
  const scalars = graphOf(
    [[], []],
    (ops, x, y) => ops.add(ops.place(x!, place([], [])), ops.place(y!, place([], []))),
  );
  assertSamePrograms(assemblePlaces(scalars), scalars, 1e-14);
  const empty = graphOf(
    [[0], [2]],
    (ops, x, y) => ops.add(ops.place(x!, place([1], [3])), ops.place(y!, place([1], [3]))),
  );
  assertSamePrograms(assemblePlaces(empty), empty);
  const many = graphOf(
    [[300]],
    (ops, x) =>
      Array.from(
        { length: 300 },
        (_, i) => ops.place(ops.exp(ops.slice(x!, { begin: [i], size: [1] })), place([299 - i], [300])),
      )
        .reduce((sum, term) => ops.add(sum, term)),
  );
  const after = assemblePlaces(many);
  assertEquals(operationNames(after).filter((name) => name === "place" || name === "add"), []);
  assertSamePrograms(after, many);
});

Deno.test("assemblePlaces() works in float32", () => {
  const before = graphOf(
    [[2], [2]],
    (ops, x, y) => ops.add(ops.place(x!, place([0], [3])), ops.place(y!, place([1], [3]))),
    "float32",
  );
  assertSamePrograms(assemblePlaces(before), before);
});

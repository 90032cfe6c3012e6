import { assertEquals, assertThrows } from "@std/assert";
import {
  compile,
  constant,
  flattenTree,
  grad,
  mapTree,
  mapTrees,
  NdArray,
  valueAndGrad,
  Variable,
  vmap,
} from "../../mod.ts";

/** Values that contain themselves. */
function cycles(): Record<string, unknown> {
  const array: unknown[] = [1];
  array.push(array);
  const first: unknown[] = [];
  first.push(first, first);
  const object: Record<string, unknown> = { a: 1 };
  object.self = object;
  const mixed: Record<string, unknown> = { list: [1, { a: 2 }] };
  (mixed.list as unknown[]).push(mixed);
  return { array, first, object, mixed };
}

const first = (x: Variable): Variable => x;
const READERS: Record<string, (value: never) => unknown> = {
  "constant()": (value) => constant(value),
  "grad()": (value) => grad(first)(value),
  "valueAndGrad()": (value) => valueAndGrad(first)(value),
  "vmap()": (value) => vmap(first)(value),
  "compile()": (value) => compile(first)(value),
  "mapTree()": (value) => mapTree(value, (x) => x),
  "flattenTree()": (value) => flattenTree(value),
  "mapTrees()": (value) => mapTrees((a) => a, value, value),
};
for (const [name, read] of Object.entries(READERS)) {
  for (const [kind, value] of Object.entries(cycles())) {
    Deno.test(`${name} refuses a cyclic value at once: ${kind}`, () => {
      const start = performance.now();
      const error = assertThrows(() => read(value as never), TypeError);
      assertEquals(/call stack/.test(error.message), false, error.message);
      assertEquals(performance.now() - start < 1000, true, "it took more than a second");
    });
  }
}

Deno.test("a value that stands in a tree twice, but not inside of itself, is no cycle", () => {
  const shared = { a: 1 };
  assertEquals(mapTree({ x: shared, y: [shared] }, (n: number) => n + 1), { x: { a: 2 }, y: [{ a: 2 }] });
});

Deno.test("an empty array in place of an argument is an array without elements", () => {
  assertEquals(grad((x: Variable) => x.sum())([]), []);
  assertEquals(valueAndGrad((x: Variable) => x.square().sum())([]), [0, []]);
  assertEquals(compile((x: Variable) => x.sum())([] as never) as unknown, 0);
  assertEquals(
    grad(({ w, list }: { w: Variable; list: Variable[] }) => list.reduce((a, b) => a.add(b), w))({
      w: 3,
      list: [],
    }),
    { w: 1, list: [] },
  );
});

Deno.test("mapTrees() takes no key that the other tree merely inherits", () => {
  const inherits = Object.create({ a: 1 });
  assertThrows(
    () => mapTrees((a) => a, { toString: 1 } as never, { b: 1 } as never),
    TypeError,
    "different structure",
  );
  assertThrows(() => mapTrees((a) => a, { a: 1 } as never, inherits), TypeError, "different structure");
});

Deno.test("parameters in a list are told from a ragged array, with the remedy", () => {
  assertThrows(
    () => grad(([w, b]: Variable[]) => w!.mul(b!).sum())([[1, 2], 3] as never),
    TypeError,
    "keep parameters in an object such as { w, b }",
  );
});

Deno.test("what another copy of the package made is recognised, and the remedy said", async () => {
  const granted = (await Deno.permissions.query({ name: "read" })).state === "granted";
  if (!granted) return;
  const copy: string = new URL("../../src/variable/variable.ts?copy", import.meta.url).href;
  const other = await import(copy);
  assertEquals(other.Variable === Variable, false);
  const foreign = other.untracked(3, "float64");
  assertThrows(() => constant(1).add(foreign), TypeError, "belongs to another copy of this package");
  assertThrows(() => grad(first)(foreign), TypeError, "belongs to another copy of this package");
  assertEquals(constant(new NdArray(new Float64Array(1))).shape, [1]);
});

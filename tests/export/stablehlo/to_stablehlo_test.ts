import { assert, assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import { type StableHloOptions, toStableHlo } from "../../../src/export/mod.ts";
import { constant, type Variable, variable, zeros } from "../../../mod.ts";

const write = (
  f: (...args: Variable[]) => unknown,
  args: readonly unknown[],
  options?: StableHloOptions,
): string => toStableHlo(f as (...args: never[]) => unknown, args, options);

Deno.test("toStableHlo() names arguments and results by their paths", () => {
  const f = ({ w }: { w: { a: Variable } }, x: Variable) => [{ w: { a: w.a.add(x) } }, x.sum()];
  const text = toStableHlo(f as (...args: never[]) => unknown, [{ w: { a: zeros([2]) } }, zeros([2])], {
    names: { inputs: ["", "x"], outputs: ["", "sum"] },
  });
  assertEquals([...text.matchAll(/info = "([^"]*)"/g)].map(([, name]) => name), ["w/a", "x", "w/a", "sum"]);
  const unnamed = write((x) => x.neg(), [zeros([2])]);
  assertEquals([...unnamed.matchAll(/info = "([^"]*)"/g)].map(([, name]) => name), ["input_0", "output"]);
});

Deno.test("donated arguments become aliases of results of their type", () => {
  const f = (w: Variable, x: Variable): Variable[] => [x.sum(), w.add(1)];
  const text = write(f, [zeros([3]), zeros([3])], { donate: [0] });
  assertEquals(text.match(/%arg0: tensor<3xf64> \{[^}]*tf.aliasing_output = 1 : i32\}/g)?.length, 1);
  assertEquals(text.match(/tf.aliasing_output/g)?.length, 1);
});

Deno.test("shardings are written by name, and by the start of names", () => {
  const f = (w: Variable, x: Variable): unknown[] => [{ kernel: w }, x.matmul(w)];
  const text = write(f, [zeros([4, 6]), zeros([8, 4])], {
    names: { inputs: ["w/kernel", "x"], outputs: ["w", "y"] },
    shardings: {
      mesh: { data: 2, model: 3 },
      inputs: { w: [null, "model"], x: ["data"] },
      outputs: { y: ["data"] },
    },
  });
  assertStringIncludes(text, 'sdy.mesh @mesh = <["data"=2, "model"=3]>');
  assertStringIncludes(text, "mhlo.num_partitions = 6");
  const found = [...text.matchAll(/info = "([^"]*)", sdy.sharding = #sdy.sharding<@mesh, (\[.*?\])>/g)];
  assertEquals(found.map(([, name, split]) => `${name} ${split}`), [
    'w/kernel [{}, {"model"}]',
    'x [{"data"}, {}]',
    'w/kernel [{}, {"model"}]',
    'y [{"data"}, {}]',
  ]);
});

Deno.test("shardings that do not fit are refused", () => {
  const refuses = (
    Kind: typeof TypeError | typeof RangeError,
    shardings: NonNullable<StableHloOptions["shardings"]>,
    text: string,
  ): void => {
    assertThrows(
      () => write((x) => x, [zeros([6, 2])], { names: { inputs: ["x"] }, shardings }),
      Kind,
      text,
    );
  };
  refuses(RangeError, { mesh: { data: 4 }, inputs: { x: ["data"] } }, "no multiple of the 4 devices");
  refuses(RangeError, { mesh: { data: 0 } }, "lengths are positive integers");
  refuses(TypeError, { mesh: 8 as never }, "{ data: 8 }");
  refuses(TypeError, { mesh: { data: 2 }, inputs: { x: "data" as never } }, "for each axis of the array");
  refuses(TypeError, { mesh: { data: 2 }, inputs: { y: ["data"] } }, "the inputs are x");
  refuses(TypeError, { mesh: { data: 2 }, inputs: { x: ["rows"] } }, "the mesh has the axes data");
  refuses(TypeError, { mesh: { data: 2 }, inputs: { x: ["data", "data"] } }, "twice");
  refuses(TypeError, { mesh: { data: 2 }, inputs: { x: [null, null, "data"] } }, "along 3 axes: it has 2");
});

Deno.test("branches and values that are read are refused with the remedy", () => {
  for (const read of [(x: Variable) => x.sum().truthy(), (x: Variable) => x.sum().item() > 0]) {
    assertThrows(
      () => write((x) => read(x) ? x : x.neg(), [zeros([2])]),
      TypeError,
      "where(condition, a, b)",
    );
  }
});

Deno.test("names, options and results that do not fit are refused", () => {
  assertThrows(
    () => write((x) => [x, x], [zeros([2])], { names: { outputs: ["a", "a"] } }),
    TypeError,
    "two values",
  );
  assertThrows(() => write((x) => x, [zeros([2])], { names: { inputs: [""] } }), TypeError, "without a name");
  assertThrows(
    () => write((x) => x, [zeros([2])], { precission: "full" } as StableHloOptions),
    TypeError,
    "precission",
  );
  assertThrows(() => write((x) => x, [zeros([2])], { precision: "half" as "full" }), RangeError, "half");
  assertThrows(() => write((x) => x, [zeros([2])], { name: 3 as never }), TypeError, "name");
  assertThrows(
    () => write((x) => x, [zeros([2])], { names: { inputs: "x" as never } }),
    TypeError,
    "lists of texts",
  );
  assertThrows(() => write((x) => x, [zeros([2])], { donate: [-1] }), RangeError, "donate");
  assertThrows(() => write(() => "no", [zeros([2])]), TypeError, "it returned");
  assertThrows(() => toStableHlo(3 as never, []), TypeError, "pass a function");
});

Deno.test("trainable Variables that the function uses are written with their values", () => {
  const w = variable([1.5, -2.25], { name: "w" });
  const text = write((x) => x.mul(w), [zeros([2])]);
  assertFalse(text.includes("%arg1"));
  assertStringIncludes(text, "000000000000F83F00000000000002C0");
});

Deno.test("products are computed in the precision that is asked for", () => {
  const product = (precision: StableHloOptions["precision"]): string =>
    write((x) => x.matmul(x), [constant(new Float32Array(4)).reshape([2, 2])], precision && { precision });
  assertStringIncludes(product(undefined), "precision = [HIGHEST, HIGHEST]");
  assertFalse(product("default").includes("HIGHEST"));
  assertStringIncludes(product("bfloat16"), "(tensor<2x2xbf16>, tensor<2x2xbf16>) -> tensor<2x2xf32>");
});

Deno.test("text grows with the rows: so many lines for each, however many there are", () => {
  const lines = (rows: number): number =>
    write((x) => {
      let y = x;
      for (let i = 0; i < rows; i++) y = y.mul(x).add(1).tanh();
      return y;
    }, [zeros([4])]).split("\n").length;
  const [few, some, many] = [lines(100), lines(1000), lines(3400)] as [number, number, number];
  assertEquals((some - few) / 900, 3);
  assertEquals((many - some) / 2400, 3);
  assert(many > 10_000);
});

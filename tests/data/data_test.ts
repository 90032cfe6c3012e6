import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { batches, loadIris, parseCsv, standardScaler, trainTestSplit } from "../../src/data/mod.ts";
import { NdArray } from "../../mod.ts";

Deno.test("loadIris() has 50 flowers of each species", () => {
  const { features, labels, classes } = loadIris();
  assertEquals([features.shape, classes], [[150, 4], ["setosa", "versicolor", "virginica"]]);
  for (const code of [0, 1, 2]) assertEquals(labels.data.filter((x) => x === code).length, 50);
  assertEquals(features.data.subarray(0, 4), new Float32Array([5.1, 3.5, 1.4, 0.2]));
  assertThrows(() => loadIris({ classes: ["rose"] }), RangeError, 'Unknown species: "rose"');
});

Deno.test("a byte-order mark, CRLF, quoted commas, quoted line breaks and blank lines are fine", () => {
  const table = parseCsv('\ufeffname,x\r\n"a, b",1\r\n\r\n"c\nd",2\r\n\r\n');
  assertEquals([table.texts("name"), [...table.numbers("x")]], [["a, b", "c\nd"], [1, 2]]);
});

const MISTAKES: [text: string, error: typeof SyntaxError | typeof RangeError, message: string][] = [
  ["x,y\n1,2\n3,\n", SyntaxError, "line 3, column 2 (y): the value is missing"],
  ["x,y\n1,2\n\n3,abc\n", SyntaxError, 'line 4, column 2 (y): expected a number, found "abc"'],
  ['x,y\n"a\nb",2\n3,z\n', SyntaxError, 'line 4, column 2 (y): expected a number, found "z"'],
  ["x,y\n1,2\n3\n", SyntaxError, "line 3"],
  ["x,y\n1,2,3\n", SyntaxError, "line 2"],
  ["", SyntaxError, "the text is empty"],
  ["x,x\n1,2\n", RangeError, "column x is named twice"],
  ["a,b\n1,2\n", RangeError, 'Unknown column in the CSV text: "y", there are a, b'],
  ['x,y\n"1,2\n', SyntaxError, "Cannot read the CSV text"],
];
for (const [text, error, message] of MISTAKES) {
  Deno.test(`parseCsv refuses ${JSON.stringify(text)} with line and column`, () => {
    assertThrows(() => parseCsv(text).numbers("y"), error, message);
  });
}

Deno.test("columns are chosen by name, labels numbered in the given order", () => {
  const table = parseCsv("a,b,c\n1,x,3\n4,y,6\n", { columns: ["c", "b"] });
  assertEquals(table.names, ["c", "b"]);
  assertEquals(table.features(["c"]).data, new Float32Array([3, 6]));
  assertEquals(table.labels("b", ["y", "x"]).codes.data, new Float32Array([1, 0]));
  assertThrows(() => table.labels("b", ["x"]), SyntaxError, 'line 3, column 2 (b): found the class "y"');
  assertThrows(() => table.numbers("a"), RangeError, "Unknown column");
});

Deno.test("trainTestSplit() keeps the classes' proportions, and every row once", () => {
  const { train, test } = trainTestSplit(loadIris(), { testFraction: 0.2, seed: 3 });
  for (const code of [0, 1, 2]) assertEquals(test.labels.data.filter((x) => x === code).length, 10);
  const rowsOf = (x: NdArray): string[] =>
    Array.from({ length: x.shape[0]! }, (_, i) => x.data.subarray(i * 4, i * 4 + 4).join());
  assertEquals(
    [...rowsOf(train.features), ...rowsOf(test.features)].sort(),
    rowsOf(loadIris().features).sort(),
  );
  assertEquals(trainTestSplit(loadIris(), { seed: 3 }), trainTestSplit(loadIris(), { seed: 3 }));
  assertThrows(() => trainTestSplit(loadIris(), { testFraction: 1 }), RangeError, "testFraction 1");
  assertThrows(
    () => trainTestSplit({ features: loadIris().features, labels: new NdArray(new Float32Array(2)) }),
    TypeError,
    "same number of rows",
  );
});

Deno.test("batches() cover every row, in order or shuffled", () => {
  const x = new NdArray(Float64Array.from({ length: 7 }, (_, i) => i));
  const sizes = [...batches([x], { batchSize: 3 })].map(([b]) => [...b!.data]);
  assertEquals(sizes, [[0, 1, 2], [3, 4, 5], [6]]);
  assertEquals([...batches([x], { batchSize: 3, dropLast: true })].length, 2);
  const shuffled = [...batches([x], { batchSize: 7, shuffle: true, seed: 1 })][0]![0]!;
  assert(shuffled.data.some((value, i) => value !== i));
  assertEquals([...shuffled.data].sort(), [...x.data]);
  assertThrows(() => [...batches([x], { batchSize: 0 })], RangeError, "batches of 0 rows");
});

Deno.test("standardScaler() brings columns to mean 0 and deviation 1, and back", () => {
  const x = loadIris({ dtype: "float64" }).features;
  const scaler = standardScaler();
  const z = scaler.fitTransform(x);
  for (let k = 0; k < 4; k++) {
    const column = [...z.data].filter((_, i) => i % 4 === k);
    assertAlmostEquals(column.reduce((a, b) => a + b, 0), 0, 1e-9);
    assertAlmostEquals(column.reduce((a, b) => a + b * b, 0) / 150, 1, 1e-9);
  }
  scaler.inverseTransform(z).data.forEach((value, i) => assertAlmostEquals(value, x.data[i]!, 1e-12));
  assertThrows(() => standardScaler().transform(x), TypeError, "call fit() first");
  assertThrows(
    () => scaler.transform(new NdArray(new Float64Array(3), [1, 3])),
    TypeError,
    "expected [rows, 4]",
  );
  assertEquals(
    standardScaler().fitTransform(new NdArray(new Float64Array([5, 5]), [2, 1])).data,
    new Float64Array(2),
  );
});

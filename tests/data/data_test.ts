import {
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  batches,
  irisFromTable,
  kFold,
  loadIris,
  minMaxScaler,
  parseCsv,
  readCsv,
  robustScaler,
  scalerFrom,
  standardScaler,
  trainTestSplit,
} from "../../src/data/mod.ts";
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
  ['x,y\n1,2\n3,"4\n\n5\n', SyntaxError, "line 3, column 2: the quote is never closed"],
  ['x,y\n"a\nb",2\n3,"4"z\n', SyntaxError, "line 4, column 2: text follows a closing quote"],
  ['x,y\n1,2\n3"3,4\n', SyntaxError, "line 3, column 1: a quote stands inside a field"],
  ["x,y\r1,2\r", SyntaxError, "line 1, column 2: a carriage return stands alone"],
  ['x,y\r\n"a\r\n\r\nb",2\r\n\r\n3,z\r\n', SyntaxError, 'line 6, column 2 (y): expected a number, found "z"'],
  ['x,y\n"p, ""q""\n",z\n', SyntaxError, 'line 2, column 2 (y): expected a number, found "z"'],
  ["x,y\n1,0x10\n", SyntaxError, 'line 2, column 2 (y): expected a number, found "0x10"'],
  ["x,y\n1,Infinity\n", SyntaxError, 'expected a number, found "Infinity"'],
  ["x,y\n1,1e400\n", SyntaxError, 'expected a number, found "1e400"'],
  ["\r\n\n", SyntaxError, "the text is empty"],
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
  assertNotEquals([...shuffled.data], [...shuffled.data.keys()]);
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

Deno.test("numbers with signs, exponents and spaces around them are read", () => {
  assertEquals(
    parseCsv("x\n-1\n+.5\n 2. \n1e-3\n6.02E23").numbers("x"),
    new Float64Array([-1, 0.5, 2, 0.001, 6.02e23]),
  );
});

Deno.test("another separator is used where one is given, and refused where it can't be one", () => {
  assertEquals(parseCsv('a;b\n"1;5";2,5\n', { separator: ";" }).texts("a"), ["1;5"]);
  for (const separator of ["", '"', "\n", ";;"]) {
    assertThrows(() => parseCsv("a\n1\n", { separator }), RangeError, "the separator is");
  }
});

Deno.test("a class named twice, or a number too large for float32, is refused", () => {
  const table = parseCsv("x,c\n1,a\n1e39,b\n");
  assertThrows(() => table.labels("c", ["a", "b", "a"]), RangeError, "a is named twice");
  assertThrows(
    () => table.features(["x"]),
    SyntaxError,
    "line 3, column 1 (x): 1e+39 is too large for float32",
  );
  assertEquals(table.features(["x"], "float64").data, new Float64Array([1, 1e39]));
  assertThrows(() => loadIris({ classes: ["setosa", "setosa"] }), RangeError, "setosa is named twice");
  assertThrows(() => loadIris({ classes: [] }), RangeError, "Cannot load no species");
  assertThrows(() => loadIris({ dtype: "int8" as "float32" }), TypeError, 'dtype: "int8"');
  assertThrows(() => parseCsv(3 as unknown as string), TypeError, "expected a text, found 3");
});

const granted = (await Deno.permissions.query({ name: "write" })).state === "granted";

Deno.test({
  name: "readCsv() reads what parseCsv() reads, and names a missing file",
  ignore: !granted,
}, async () => {
  const path = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    await Deno.writeTextFile(path, "\ufeffx,y\r\n1,2\r\n3,four\r\n");
    const table = await readCsv(path);
    assertEquals(table.numbers("x"), new Float64Array([1, 3]));
    assertThrows(() => table.numbers("y"), SyntaxError, `Cannot read ${path}, line 3, column 2 (y)`);
  } finally {
    await Deno.remove(path);
  }
  await assertRejects(
    () => readCsv(path),
    Deno.errors.NotFound,
    `Cannot read ${path}: there is no such file`,
  );
});

Deno.test("irisFromTable() numbers the species in the order asked for, whatever the order of columns", () => {
  const table = parseCsv(
    "species,petal_width,petal_length,sepal_width,sepal_length\nvirginica,4,3,2,1\nsetosa,8,7,6,5\n",
  );
  const { features, labels, classes, units } = irisFromTable(table, { classes: ["setosa", "virginica"] });
  assertEquals(features.toNested(), [[1, 2, 3, 4], [5, 6, 7, 8]]);
  assertEquals([labels.toNested(), classes, units], [[1, 0], ["setosa", "virginica"], "cm"]);
  assertThrows(() => irisFromTable(parseCsv("species\nsetosa\n")), RangeError, '"sepal_length"');
});

Deno.test("iris.csv is the version that R and scikit-learn ship, not UCI's", () => {
  const rows = loadIris({ dtype: "float64" }).features.toNested() as number[][];
  assertEquals([rows[34], rows[37]], [[4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]]);
});

Deno.test("labels of shape [rows, 1] are split by class too, and numbers need stratify: false", () => {
  const { features, labels } = loadIris();
  const column = labels.withShape([150, 1]);
  assertEquals(
    trainTestSplit({ features, labels: column }, { seed: 5 }).test.labels.data,
    trainTestSplit({ features, labels }, { seed: 5 }).test.labels.data,
  );
  const targets = new NdArray(Float64Array.from({ length: 8 }, (_, i) => i));
  assertThrows(
    () => trainTestSplit({ features: targets, labels: targets }),
    RangeError,
    "set stratify to false",
  );
  const { train, test } = trainTestSplit({ features: targets, labels: targets }, { stratify: false });
  assertEquals([train.labels.shape, test.labels.shape], [[6], [2]]);
});

Deno.test("standardScaler() turns a constant column into zeros, and refuses what is not finite", () => {
  // The mean of 150 times 0.1 is not 0.1 in floating point.
  const x = new NdArray(new Float64Array(150).fill(0.1), [150, 1]);
  assertEquals(standardScaler().fitTransform(x).data, new Float64Array(150));
  assertThrows(
    () => standardScaler().fit(new NdArray(new Float64Array([1, 2, 3, NaN]), [2, 2])),
    RangeError,
    "row 1, column 1 is NaN",
  );
  assertThrows(() => standardScaler().fit(new NdArray(new Float64Array(0), [0, 2])), TypeError, "no rows");
});

Deno.test("a CSV without rows, and bytes that are no text, are refused", async () => {
  assertThrows(() => parseCsv("a,b\n"), SyntaxError, "line 1: there is a header (a, b) and no row");
  assertThrows(() => parseCsv("\n\n a\n\n"), SyntaxError, "line 3: there is a header (a) and no row");
  if (!granted) return;
  const path = await Deno.makeTempFile();
  const files: readonly [number[], string][] = [
    [[0x1f, 0x8b, 8, 0], "compressed with gzip"],
    [[97, 10, 0, 49], "byte 2 is 0"],
    [[97, 10, 0xff], "no text in UTF-8"],
  ];
  try {
    for (const [bytes, text] of files) {
      await Deno.writeFile(path, Uint8Array.from(bytes));
      await assertRejects(() => readCsv(path), SyntaxError, text);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("messages keep to one line and show control characters", () => {
  const error = assertThrows(() => parseCsv('"a\nb",c\n1\u001b[31m,2\n').numbers("a\nb"), SyntaxError);
  assertEquals(["\n", "\u001b"].some((c) => error.message.includes(c)), false);
  const { message } = assertThrows(() => parseCsv('"a\nb",c\n1,2\n').numbers("x"), RangeError);
  assertStringIncludes(message, "there are a\\nb, c");
});

Deno.test("missing numbers are an error, NaN, a mean, a median or a number, as asked", () => {
  const table = parseCsv("x,y\n1,a\n,b\nNA,c\n6,d\n2,e\n");
  assertThrows(() => table.numbers("x"), SyntaxError, "line 3, column 1 (x): the value is missing");
  assertEquals([...table.numbers("x", { missing: "nan" })], [1, NaN, NaN, 6, 2]);
  assertEquals([...table.numbers("x", { missing: "mean" })], [1, 3, 3, 6, 2]);
  assertEquals([...table.numbers("x", { missing: "median" })], [1, 2, 2, 6, 2]);
  assertEquals([...table.numbers("x", { missing: -1 })], [1, -1, -1, 6, 2]);
  assertEquals(table.features(["x"], "float32", { missing: 0 }).toNested(), [[1], [0], [0], [6], [2]]);
  assertEquals([table.isNumeric("x"), table.isNumeric("y")], [true, false]);
  assertEquals(table.dropMissing().texts("y"), ["a", "d", "e"]);
  assertEquals(table.dropMissing(["y"]).rowCount, 5);
  assertThrows(
    () => table.numbers("y", { missing: "mean" }),
    SyntaxError,
    "line 2, column 2 (y): expected a number",
  );
  assertThrows(
    () => parseCsv("x\n?\n").numbers("x", { missing: "median" }),
    RangeError,
    "no numbers to take the median",
  );
  assertThrows(() => table.numbers("x", { missing: "zero" as never }), RangeError, '"zero"');
  const { message } = assertThrows(() => table.dropMissing().numbers("y"), SyntaxError);
  assertStringIncludes(message, "line 2, column 2 (y)");
});

Deno.test("oneHot() gives a column for each class, and zeros or an error for others", () => {
  const table = parseCsv("c\nred\nblue\nred\n");
  const { columns, classes } = table.oneHot("c");
  assertEquals([columns.toNested(), classes], [[[1, 0], [0, 1], [1, 0]], ["red", "blue"]]);
  assertEquals(
    table.oneHot("c", { classes: ["blue"], unknown: "zeros", dtype: "float64" }).columns.toNested(),
    [[0], [1], [0]],
  );
  assertThrows(
    () => table.oneHot("c", { classes: ["blue"] }),
    SyntaxError,
    'line 2, column 1 (c): found the class "red"',
  );
});

Deno.test("kFold() tests on each example once, with the classes in proportion", () => {
  const parts = kFold(loadIris(), { folds: 4, seed: 2 });
  const keys = (x: NdArray) =>
    Array.from({ length: x.shape[0]! }, (_, i) => x.data.subarray(4 * i, 4 * i + 4).join());
  assertEquals(parts.flatMap(({ test }) => keys(test.features)).sort(), keys(loadIris().features).sort());
  for (const { train, test } of parts) {
    assertEquals(train.labels.size + test.labels.size, 150);
    for (const code of [0, 1, 2]) {
      const share = test.labels.data.filter((x) => x === code).length;
      assertEquals(share === 12 || share === 13, true, String(share));
    }
  }
  assertEquals(kFold(loadIris(), { folds: 4, seed: 2 }), parts);
  assertThrows(() => kFold(loadIris(), { folds: 1 }), RangeError, "the option folds is 1");
  assertThrows(() => kFold(loadIris(), { fold: 3 } as never), TypeError, "did you mean folds?");
});

Deno.test("scalers are read back from JSON, take nested arrays, and know their column count", () => {
  const x = [[1, 10], [2, 20], [4, 60]];
  for (const make of [standardScaler, minMaxScaler, robustScaler]) {
    const scaler = make();
    const z = scaler.fitTransform(x);
    assertEquals(scalerFrom(JSON.parse(JSON.stringify(scaler))).transform(x), z);
    scaler.inverseTransform(z).data.forEach((value, i) => assertAlmostEquals(value, x.flat()[i]!, 1e-12));
    assertThrows(() => make().toJSON(), TypeError, "call fit() first");
  }
  assertEquals(minMaxScaler({ low: -1, high: 1 }).fitTransform(x).toNested(), [[-1, -1], [-1 / 3, -0.6], [
    1,
    1,
  ]]);
  for (
    const wrong of [null, {}, { kind: "standard", offsets: [1], scales: [0] }, {
      kind: "x",
      offsets: [],
      scales: [],
    }]
  ) {
    assertThrows(() => scalerFrom(wrong as never), TypeError, "Cannot read a scaler from");
  }
});

Deno.test("batches() with shuffle are in a new order each time they are gone through", () => {
  const x = Float64Array.from({ length: 20 }, (_, i) => i);
  const all = batches([x], { batchSize: 20, shuffle: true, seed: 3 });
  const orders = [0, 1, 2].map(() => [...all].flatMap(([b]) => [...b!.data]));
  assertEquals(new Set(orders.map(String)).size, 3);
  for (const order of orders) assertEquals(order.toSorted((a, b) => a - b), [...x]);
  const again = batches([x], { batchSize: 20, shuffle: true, seed: 3 });
  assertEquals([0, 1, 2].map(() => [...again].flatMap(([b]) => [...b!.data])), orders);
});

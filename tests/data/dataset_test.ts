import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import type { NdArray } from "../../mod.ts";
import { Dataset, streamCsv } from "../../src/data/mod.ts";

/** The numbers from 0 to n - 1, made as they are asked for. */
const count = (n: number): Dataset<number> =>
  Dataset.fromGenerator(function* () {
    for (let i = 0; i < n; i++) yield i;
  });

const MADE: readonly (readonly [string, Dataset<unknown>, readonly unknown[], number | undefined])[] = [
  ["map", count(3).map((x) => Promise.resolve(x * 2)), [0, 2, 4], undefined],
  ["filter", count(5).filter((x) => x % 2 === 0), [0, 2, 4], undefined],
  ["take", count(5).take(2), [0, 1], undefined],
  ["take of more than there are", count(2).take(5), [0, 1], undefined],
  ["take of none", count(2).take(0), [], undefined],
  ["skip", count(4).skip(3), [3], undefined],
  ["repeat", count(2).repeat(2), [0, 1, 0, 1], undefined],
  ["repeat without end", count(2).repeat().take(5), [0, 1, 0, 1, 0], undefined],
  ["prefetch", count(4).prefetch(2), [0, 1, 2, 3], undefined],
  ["zip", Dataset.zip([count(3), count(2).map(String)]), [[0, "0"], [1, "1"]], undefined],
  ["an array", Dataset.fromGenerator([1, 2]), [1, 2], undefined],
];
for (const [name, dataset, expected, size] of MADE) {
  Deno.test(`a Dataset gives twice what ${name} says`, async () => {
    assertEquals(await dataset.toArray(), expected);
    assertEquals(await dataset.toArray(), expected);
    assertEquals(dataset.size, size);
  });
}

Deno.test("the size of rows of arrays is known through map, batch, take, skip, repeat and zip", () => {
  const rows = Dataset.fromArrays(Float32Array.of(1, 2, 3, 4, 5));
  assertEquals([
    rows.size,
    rows.map((x) => x).batch(2).size,
    rows.batch(2, { dropLast: true }).size,
    rows.take(3).size,
    rows.skip(3).size,
    rows.repeat(2).size,
    rows.repeat().size,
    Dataset.zip([rows, rows.take(2)]).size,
    rows.filter(() => true).size,
  ], [5, 3, 2, 3, 2, 10, Infinity, 2, undefined]);
});

Deno.test("batches of rows are the same as batches of the examples one by one", async () => {
  const x = [[1, 2], [3, 4], [5, 6]];
  const y = Float32Array.of(0, 1, 0);
  const shapes = [[[2, 2], [2]], [[1, 2], [1]]];
  for (const rows of [Dataset.fromArrays([x, y]), Dataset.fromArrays([x, y]).map((example) => example)]) {
    const found = await rows.batch(2).toArray();
    assertEquals(found.map(([a, b]) => [a.shape, b.shape]), shapes);
    assertEquals(found.map(([a, b]) => [a.toNested(), b.toNested()]), [[[[1, 2], [3, 4]], [0, 1]], [
      [[5, 6]],
      [0],
    ]]);
    assertEquals([found[0]![0].dtype, found[0]![1].dtype], ["float64", "float32"]);
  }
  const objects = await Dataset.fromArrays({ x, inner: { y } }).batch(3).toArray();
  assertEquals(objects[0]!.inner.y.toNested(), [0, 1, 0]);
});

Deno.test("plain examples become float32, arrays of numbers in them are fields", async () => {
  const data = Dataset.fromGenerator(() => [[[1, 2], 0], [[3, 4], 1]] as [number[], number][]);
  const [[x, y]] = await data.batch(2).toArray() as [readonly [NdArray, NdArray]];
  assertEquals([x.toNested(), y.toNested(), x.dtype, y.dtype], [
    [[1, 2], [3, 4]],
    [0, 1],
    "float32",
    "float32",
  ]);
});

Deno.test("examples that differ can't be put into a batch", async () => {
  const batch = (examples: readonly unknown[]) => Dataset.fromGenerator(examples).batch(9).toArray();
  await assertRejects(
    () => batch([[[1, 2], 0], [[3], 1]]),
    TypeError,
    "entry 0 has shape [2] in one example and [1]",
  );
  await assertRejects(() => batch([{ a: 1 }, { b: 1 }]), TypeError, "the examples differ");
  await assertRejects(() => batch([{ a: 1 }, { a: "1" }]), TypeError, 'another) and "1"'.slice(9));
  await assertRejects(() => batch(["x"]), TypeError, 'the example is "x"');
});

for (
  const [kind, data] of [[
    "rows",
    Dataset.fromArrays(Float64Array.from({ length: 50 }, (_, i) => i)).map((x) => x.data[0]!),
  ], ["a buffer", count(50)]] as const
) {
  Deno.test(`shuffle() of ${kind} gives each example once, another order each epoch, the same for the same seed`, async () => {
    const make = (seed: number) =>
      kind === "rows"
        ? Dataset.fromArrays(Float64Array.from({ length: 50 }, (_, i) => i)).shuffle(8, { seed }).map((x) =>
          x.data[0]!
        )
        : count(50).shuffle(8, { seed });
    const shuffled = make(1);
    const [first, second] = [await shuffled.toArray(), await shuffled.toArray()];
    const sorted = (list: number[]) => list.toSorted((a, b) => a - b);
    assertEquals(sorted(first), await data.toArray());
    assertEquals(sorted(second), sorted(first));
    assertNotEquals(first, second);
    assertNotEquals(first, await data.toArray());
    const again = make(1);
    assertEquals([await again.toArray(), await again.toArray()], [first, second]);
    assertEquals(await Array.fromAsync(make(1).epoch(1)), second);
    assertNotEquals(await make(2).toArray(), first);
  });
}

Deno.test("leaving a loop early ends the generators under it", async () => {
  let ended = 0;
  const open = () =>
    (function* () {
      try {
        for (let i = 0;; i++) yield i;
      } finally {
        ended++;
      }
    })();
  const data = Dataset.zip([Dataset.fromGenerator(open).prefetch(3), Dataset.fromGenerator(open).shuffle(4)]);
  for await (const _ of data) break;
  assertEquals(ended, 2);
});

Deno.test("an error of the source is thrown where the data is gone through, also when it was asked for ahead", async () => {
  const failing = Dataset.fromGenerator(function* () {
    yield 1;
    throw new RangeError("torn");
  });
  await assertRejects(() => failing.toArray(), RangeError, "torn");
  await assertRejects(() => failing.prefetch(5).toArray(), RangeError, "torn");
});

Deno.test("an iterator that is used up is not gone through a second time as if it were empty", async () => {
  const once = Dataset.fromGenerator([1, 2].values());
  assertEquals(await once.toArray(), [1, 2]);
  await assertRejects(() => once.toArray(), TypeError, "it is used up, pass a function");
});

Deno.test("a Dataset refuses what it can't be made of", () => {
  const cases: readonly [() => unknown, typeof TypeError | typeof RangeError, string][] = [
    [() => Dataset.fromGenerator(3 as never), TypeError, "Cannot make a Dataset from 3"],
    [
      () => Dataset.fromArrays([[1, 2], [3]]),
      TypeError,
      "shapes [2] and [1], they need the same number of rows",
    ],
    [() => Dataset.fromArrays([] as never), TypeError, "there are no arrays"],
    [() => Dataset.fromArrays("text" as never), TypeError, "Cannot make a Dataset from arrays"],
    [() => Dataset.zip([] as never), TypeError, "pass an array of Datasets"],
    [() => count(1).batch(0), RangeError, "the size of a batch is 0"],
    [() => count(1).batch(2, { drop: true } as never), TypeError, "dropLast"],
    [() => count(1).shuffle(1.5), RangeError, "the size of the buffer is 1.5"],
    [() => count(1).map(1 as never), TypeError, "use a function"],
    [() => count(1).take(-1), RangeError, "-1"],
  ];
  for (const [run, type, text] of cases) assertThrows(run, type, text);
});

/** A CSV stream that comes in pieces of some bytes. */
const open = (text: string, piece = 5) => () => {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 0; i < bytes.length; i += piece) controller.enqueue(bytes.slice(i, i + piece));
      controller.close();
    },
  });
};

Deno.test("streamCsv() reads what parseCsv() reads, whatever the pieces", async () => {
  const text = '\ufeffname,x\r\n"ä, ""b""",1\r\n\r\n"c\nd",2\r\n';
  for (const piece of [1, 2, 3, 7, 100]) {
    assertEquals(await streamCsv(open(text, piece)).toArray(), [{ name: 'ä, "b"', x: "1" }, {
      name: "c\nd",
      x: "2",
    }]);
  }
  assertEquals(await streamCsv(open("a;b\n1;2\n"), { separator: ";", columns: ["b"] }).toArray(), [{
    b: "2",
  }]);
});

const DAMAGED: readonly (readonly [string, ReadableStream<Uint8Array> | string, string])[] = [
  ["an empty file", "", "the file is empty"],
  ["a header alone", "a,b\n", "there is a header (a, b) and no row"],
  ["a row too short", "a,b\n1,2\n3\n", "row 2, column 2: the row has 1 fields, the header has 2"],
  ["a quote never closed", 'a,b\n1,"2\n', "after row 0"],
];
for (const [name, text, expected] of DAMAGED) {
  Deno.test(`streamCsv() refuses ${name}`, async () => {
    await assertRejects(() => streamCsv(open(text as string)).toArray(), SyntaxError, expected);
  });
}

Deno.test("streamCsv() refuses bytes that are no UTF-8, and unknown columns", async () => {
  const bytes = () => new Blob([Uint8Array.of(97, 10, 255, 10)]).stream();
  await assertRejects(() => streamCsv(bytes).toArray(), SyntaxError, "no text in UTF-8");
  await assertRejects(
    () => streamCsv(open("a\n1\n"), { columns: ["b"] }).toArray(),
    RangeError,
    'Unknown column in the CSV text: "b"',
  );
  assertThrows(() => streamCsv(3 as never), TypeError, "Cannot read CSV from 3");
});

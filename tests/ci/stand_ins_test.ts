// What the project relies on in `@std`. Holds for the real packages and for the stand-ins in `.ci/jsr`.
import {
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertIsError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotInstanceOf,
  assertNotMatch,
  assertNotStrictEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  equal,
  fail,
  unimplemented,
  unreachable,
} from "@std/assert";
import { assertEquals as assertEqualsAlone } from "@std/assert/equals";
import { parseArgs, unicodeWidth } from "@std/cli";
import { parseArgs as parseArgsAlone } from "@std/cli/parse-args";
import { ProgressBar } from "@std/cli/unstable-progress-bar";
import { Spinner } from "@std/cli/unstable-spinner";
import { CsvParseStream, CsvStringifyStream, parse, stringify } from "@std/csv";
import { parse as parseAlone } from "@std/csv/parse";
import { CsvParseStream as CsvParseStreamAlone } from "@std/csv/parse-stream";
import { stringify as stringifyAlone } from "@std/csv/stringify";

/** An object that holds itself. */
function cycle(value: number): unknown {
  const object: { value: number; self?: unknown } = { value };
  object.self = object;
  return object;
}

const EQUAL: readonly (readonly [string, unknown, unknown])[] = [
  ["NaN", NaN, NaN],
  ["zeros of both signs", 0, -0],
  ["zeros inside", { a: [0, new Map([["k", -0]]), new Set([-0])] }, {
    a: [-0, new Map([["k", 0]]), new Set([0])],
  }],
  ["typed arrays", new Float64Array([0, 2]), new Float64Array([-0, 2])],
  ["dates", new Date(1), new Date(1)],
  ["sets of objects in another order", new Set([{ a: 1 }, { b: 2 }]), new Set([{ b: 2 }, { a: 1 }])],
  ["objects in another order", { a: 1, b: 2 }, { b: 2, a: 1 }],
  ["objects that hold themselves", cycle(1), cycle(1)],
];
for (const [name, a, b] of EQUAL) {
  Deno.test(`assertEquals() takes as equal: ${name}`, () => {
    assertEquals(a, b);
    assertStrictEquals(equal(a, b), true);
    assertThrows(() => assertNotEquals(a, b), AssertionError);
  });
}

const UNEQUAL: readonly (readonly [string, unknown, unknown])[] = [
  ["a number and its text", 1, "1"],
  ["types of arrays", new Float32Array([1]), new Float64Array([1])],
  ["lengths", [1], [1, 2]],
  ["a missing and an undefined property", {}, { a: undefined }],
  ["typed arrays", new Float64Array([1, NaN]), new Float64Array([1, 2])],
  ["classes", new Date(1), { a: 1 }],
  ["objects that hold themselves", cycle(1), cycle(2)],
  ["sets that share some", new Set([{ a: 1 }, { b: 2 }]), new Set([{ a: 1 }, { b: 3 }])],
  ["values of maps", new Map([["k", 1]]), new Map([["k", 2]])],
];
for (const [name, a, b] of UNEQUAL) {
  Deno.test(`assertEquals() tells apart: ${name}`, () => {
    assertNotEquals(a, b);
    assertStrictEquals(equal(a, b), false);
    assertThrows(() => assertEquals(a, b), AssertionError);
  });
}

Deno.test("assertStrictEquals() tells zeros apart", () => {
  assertThrows(() => assertStrictEquals(0, -0), AssertionError);
});

Deno.test("assertAlmostEquals() is absolute, by default to 1e-7 of the expected number", () => {
  assertAlmostEquals(1 + 0.9e-7, 1);
  assertAlmostEquals(1.4, 1, 0.5);
  assertThrows(() => assertAlmostEquals(1 + 2e-7, 1), AssertionError);
  assertThrows(() => assertAlmostEquals(1e-12, 0), AssertionError);
  assertThrows(() => assertAlmostEquals(NaN, 1), AssertionError);
});

const PAIRS: readonly (readonly [string, () => void, () => void])[] = [
  ["assertGreater()", () => assertGreater(2, 1), () => assertGreater(1, 1)],
  ["assertGreaterOrEqual()", () => assertGreaterOrEqual(1, 1), () => assertGreaterOrEqual(NaN, 1)],
  ["assertLess()", () => assertLess(1, 2), () => assertLess(1, 1)],
  ["assertLessOrEqual()", () => assertLessOrEqual(1, 1), () => assertLessOrEqual(1, NaN)],
  ["assertExists()", () => assertExists(0), () => assertExists(null)],
  ["assertFalse()", () => assertFalse(0), () => assertFalse(1)],
  ["assertInstanceOf()", () => assertInstanceOf([], Array), () => assertInstanceOf({}, Array)],
  ["assertNotInstanceOf()", () => assertNotInstanceOf({}, Array), () => assertNotInstanceOf([], Array)],
  ["assertMatch()", () => assertMatch("abc", /b/), () => assertMatch("abc", /d/)],
  ["assertNotMatch()", () => assertNotMatch("abc", /d/), () => assertNotMatch("abc", /b/)],
  ["assertNotStrictEquals()", () => assertNotStrictEquals([1], [1]), () => assertNotStrictEquals(1, 1)],
  ["assertStringIncludes()", () => assertStringIncludes("abc", "bc"), () => assertStringIncludes("abc", "d")],
  [
    "assertArrayIncludes()",
    () => assertArrayIncludes([[1], [2]], [[2]]),
    () => assertArrayIncludes([1], [2]),
  ],
  [
    "assertObjectMatch()",
    () => assertObjectMatch({ a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } }),
    () => assertObjectMatch({ a: 1 }, { b: 1 }),
  ],
  [
    "assertIsError()",
    () => assertIsError(new TypeError("wrong shape"), TypeError, "shape"),
    () => assertIsError(new TypeError("wrong shape"), RangeError),
  ],
];
for (const [name, holds, fails] of PAIRS) {
  Deno.test(`${name} passes, and fails with an AssertionError`, () => {
    holds();
    assertThrows(fails, AssertionError);
  });
}

Deno.test("a failing assertion shows both values and the message", () => {
  const { message } = assertThrows(() => assertEquals([1, 25], [1, 36], "squares"), AssertionError);
  assertMatch(message, /squares[^]*25[^]*36/);
  assertMatch(assertThrows(() => assertGreater(3, 4, "steps"), AssertionError).message, /3[^]*4[^]*steps/);
});

Deno.test("fail(), unreachable() and unimplemented() throw", () => {
  for (const f of [fail, unreachable, unimplemented]) assertThrows(() => f("so"), AssertionError, "so");
});

Deno.test("assertThrows() returns the error, and checks class and message", () => {
  const error = new TypeError("wrong shape");
  const throws = (): never => {
    throw error;
  };
  assertStrictEquals(assertThrows(throws, TypeError, "shape"), error);
  assertThrows(() => assertThrows(throws, RangeError), AssertionError);
  assertThrows(() => assertThrows(throws, TypeError, "dtype"), AssertionError);
  assertThrows(() => assertThrows(() => {}), AssertionError);
});

Deno.test("assertRejects() wants a rejected promise, not a thrown error", async () => {
  await assertRejects(() => Promise.reject(new TypeError("late")), TypeError, "late");
  await assertRejects(() => assertRejects(() => Promise.resolve()), AssertionError);
  const throws = (): never => {
    throw new TypeError("early");
  };
  await assertRejects(() => assertRejects(throws, TypeError), AssertionError);
});

const TABLES: readonly (readonly [string, string, string[][]])[] = [
  ["CRLF, a byte order mark and blank lines", "\ufeffa,b\r\n\r\n1,2\r\n\r\n", [["a", "b"], ["1", "2"]]],
  ["both line ends in one text", "a,b\n1,2\r\n3,4\n", [["a", "b"], ["1", "2"], ["3", "4"]]],
  ["quoted commas, quotes and line ends", 'a,"b,""c"""\n"1\n2",3', [["a", 'b,"c"'], ["1\n2", "3"]]],
  ["rows of any length", "a\n1,2\n", [["a"], ["1", "2"]]],
];
for (const [name, text, rows] of TABLES) {
  Deno.test(`parse() accepts ${name}`, () => assertEquals(parse(text), rows));
}

Deno.test("parse() takes a comment sign only at the start of a line", () => {
  assertEquals(parse("# no\na#1,b\n", { comment: "#" }), [["a#1", "b"]]);
});

Deno.test("parse() refuses ragged rows and open quotes, with the line", () => {
  const message = "Syntax error on line 2: expected 2 fields but got 3";
  assertThrows(() => parse("a,b\n1,2,3\n", { fieldsPerRecord: 0 }), SyntaxError, message);
  assertThrows(() => parse("a,b\n1,2,3\n", { skipFirstRow: true }), Error, "The record has 3 fields");
  assertThrows(() => parse('a,"b\n'), SyntaxError);
});

Deno.test("parse() makes records from a header or from column names", () => {
  assertEquals(parse("a,b\n1,2\n", { skipFirstRow: true }), [{ a: "1", b: "2" }]);
  assertEquals(parse("1,2\n", { columns: ["x", "y"] }), [{ x: "1", y: "2" }]);
});

Deno.test("parse() takes another separator, spaces before values, and lazy quotes", () => {
  assertEquals(parse("a\t 1\n", { separator: "\t" }), [["a", " 1"]]);
  assertEquals(parse("a,  1\n", { trimLeadingSpace: true }), [["a", "1"]]);
  assertEquals(parse('a "word",b"\n', { lazyQuotes: true }), [['a "word"', 'b"']]);
  assertThrows(() => parse('a "word"\n'), SyntaxError);
  assertThrows(() => parse('"a"b\n'), SyntaxError);
});

Deno.test("CsvParseStream reads what parse() reads, in whatever pieces it comes", async () => {
  const text = 'x,name\r\n1,"two\nlines, ""quoted"""\r\n\r\n3,é';
  for (const size of [1, 2, 5, text.length]) {
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g"))!;
    const rows = await Array.fromAsync(ReadableStream.from(pieces).pipeThrough(new CsvParseStream()));
    assertEquals(rows, parse(text), `pieces of ${size}`);
  }
});

Deno.test("CsvParseStream makes records, typed by the columns, and refuses what is malformed", async () => {
  const read = ReadableStream.from(["1,2\n", "3,4\n"]).pipeThrough(
    new CsvParseStream({ columns: ["x", "y"] }),
  );
  const rows: { x: string; y: string }[] = await Array.fromAsync(read);
  assertEquals(rows, [{ x: "1", y: "2" }, { x: "3", y: "4" }]);
  const named = ReadableStream.from(["x\n1\n"]).pipeThrough(new CsvParseStream({ skipFirstRow: true }));
  assertEquals(await Array.fromAsync(named), [{ x: "1" }]);
  const open = ReadableStream.from(['a,"b\n']).pipeThrough(new CsvParseStream());
  await assertRejects(() => Array.fromAsync(open), SyntaxError);
  const ragged = ReadableStream.from(["1,2\n3\n"]).pipeThrough(new CsvParseStream({ fieldsPerRecord: 0 }));
  await assertRejects(() => Array.fromAsync(ragged), SyntaxError);
});

Deno.test("stringify() writes what parse() reads back", () => {
  const rows = [["a", "b,c", 'say "x"'], ["two\nlines", "", "1.5"]];
  assertEquals(parse(stringify(rows)), rows);
  const items = [{ x: 1, at: { y: 2 } }, { x: null, at: { y: "z" } }];
  const text = stringify(items, { columns: ["x", ["at", "y"]] });
  assertEquals(parse(text), [["x", "y"], ["1", "2"], ["", "z"]]);
  assertEquals(parse(stringify(items, { columns: ["x"], headers: false, separator: ";" })), [["1"]]);
});

Deno.test("CsvStringifyStream writes a header and rows", async () => {
  const rows = ReadableStream.from([{ x: 1, y: 2 }, { x: 3, y: 4 }]);
  const text = rows.pipeThrough(new CsvStringifyStream({ columns: ["x", "y"] }));
  assertEquals(parse((await Array.fromAsync(text)).join("")), [["x", "y"], ["1", "2"], ["3", "4"]]);
});

Deno.test("every subpath gives what the package gives", () => {
  assertEqualsAlone(parseAlone("a,b\n"), [["a", "b"]]);
  assertEquals(parseArgsAlone(["word"])._, ["word"]);
  assertStrictEquals(stringifyAlone, stringify);
  assertStrictEquals(CsvParseStreamAlone, CsvParseStream);
  assertEquals(typeof Spinner.prototype.start, "function");
});

Deno.test("unicodeWidth() counts columns", () => {
  assertEquals(["loss", "é", "e\u0301", "損失", ""].map(unicodeWidth), [4, 1, 1, 4, 0]);
});

Deno.test("ProgressBar draws at the start and the end, with its formatter", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const drawn = new Response(readable).text();
  const bar = new ProgressBar({
    max: 4,
    barLength: 8,
    writable,
    keepOpen: false,
    formatter: ({ progressBar, value, max, styledTime }) => `${styledTime} ${progressBar} ${value}/${max}`,
  });
  bar.value = 3;
  await bar.stop();
  const text = await drawn;
  assertStringIncludes(text, "00:00 -------- 0/4");
  assertStringIncludes(text, "00:00 ######-- 3/4\n");
});

Deno.test("ProgressBar shows bytes by default, clears its line if told to, and keeps the stream open", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const drawn = new Response(readable).text();
  const bar = new ProgressBar({ max: 2048, value: 512, barLength: 4, writable, clear: true });
  await bar.stop();
  await writable.close();
  const text = await drawn;
  assertStringIncludes(text, "[00:00] [#---] [0.50/2.00 KiB]");
  assertEquals(text.slice(-4), "\r\x1b[K");
});

Deno.test("parseArgs() types flags from the lists of names", () => {
  const flags = parseArgs(["--epochs", "5", "--epochs=6", "--no-pictures", "x", "--", "--y"], {
    string: ["epochs", "out"],
    boolean: ["pictures", "quiet"],
    negatable: ["pictures"],
    default: { pictures: true },
  });
  const typed: { epochs?: string; out?: string; pictures: boolean; quiet: boolean } = flags;
  assertEquals([typed.epochs, typed.out, typed.pictures, typed.quiet], ["6", undefined, false, false]);
  assertEquals(flags._, ["x", "--y"]);
});

Deno.test("parseArgs() reports what it does not know, also a --no- it was not told of", () => {
  const seen: string[] = [];
  const flags = parseArgs(["word", "--epoch=3", "--no-quiet"], {
    boolean: ["quiet"],
    unknown: (argument: string) => {
      seen.push(argument);
      return false;
    },
  });
  assertEquals(seen, ["word", "--epoch=3", "--no-quiet"]);
  assertStrictEquals(flags.quiet, false);
  assertEquals(flags._, []);
});

Deno.test("parseArgs() collects what may be repeated, and knows aliases", () => {
  const flags = parseArgs(["--layer=3", "-l", "5", "--out", "x"], {
    string: ["layer", "out", "name"],
    collect: ["layer", "name"],
    alias: { layer: "l" },
  });
  const typed: { layer: string[]; name: string[]; out?: string } = flags;
  assertEquals([typed.layer, typed.name, typed.out], [["3", "5"], [], "x"]);
});

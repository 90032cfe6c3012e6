// What the project relies on in `@std`. Holds for the real packages and for the stand-ins in `.ci/jsr`.
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  AssertionError,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { parseArgs } from "@std/cli";
import { parse } from "@std/csv";

const EQUAL: readonly (readonly [string, unknown, unknown])[] = [
  ["NaN", NaN, NaN],
  ["zeros of both signs", 0, -0],
  ["zeros inside", { a: [0, new Map([["k", -0]]), new Set([-0])] }, {
    a: [-0, new Map([["k", 0]]), new Set([0])],
  }],
  ["typed arrays", new Float64Array([0, 2]), new Float64Array([-0, 2])],
  ["dates", new Date(1), new Date(1)],
];
for (const [name, a, b] of EQUAL) {
  Deno.test(`assertEquals() takes as equal: ${name}`, () => {
    assertEquals(a, b);
    assertThrows(() => assertNotEquals(a, b), AssertionError);
  });
}

const UNEQUAL: readonly (readonly [string, unknown, unknown])[] = [
  ["a number and its text", 1, "1"],
  ["types of arrays", new Float32Array([1]), new Float64Array([1])],
  ["lengths", [1], [1, 2]],
  ["a missing and an undefined property", {}, { a: undefined }],
  ["values of maps", new Map([["k", 1]]), new Map([["k", 2]])],
];
for (const [name, a, b] of UNEQUAL) {
  Deno.test(`assertEquals() tells apart: ${name}`, () => {
    assertNotEquals(a, b);
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
  assert(!flags.quiet);
  assertEquals(flags._, []);
});

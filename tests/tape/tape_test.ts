import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CONSTANT, Tape } from "../../src/tape/mod.ts";
import { compile, constant, grad, noGrad, tape, type Variable, variable } from "../../mod.ts";

Deno.test("operands are earlier rows, so the tape is in topological order", () => {
  const [w1, x1, w2, x2, b] = [1, 2, 3, 4, 5].map((v, i) =>
    variable(v, { name: ["w1", "x1", "w2", "x2", "b"][i]! })
  );
  w1!.mul(x1!).add(w2!.mul(x2!)).add(b!).sigmoid();
  assertEquals(
    Array.from({ length: tape.length }, (_, row) => tape.nameOf(row) ?? tape.operationName(row)),
    ["w1", "x1", "mul", "w2", "x2", "mul", "add", "b", "add", "sigmoid"],
  );
  for (let row = 0; row < tape.length; row++) {
    assertEquals(tape.operandsOf(row).filter((operand) => !(operand < row)), []);
  }
  tape.clear();
});

Deno.test("toString() prints rows with operands, values, names and, after a walk, adjoints", () => {
  const x = variable(3, { name: "x" });
  x.mul(x).add(x).backward({ retainTape: true });
  const lines = tape.toString().split("\n");
  assertEquals(lines[0], "row  operation  operands  value  name  adjoint");
  assertEquals(lines[1], "0    variable             3      x     7");
  assertEquals(lines[2], "1    mul        %0 %0     9            1");
  assertEquals(lines.length, 4);
  tape.clear();
});

Deno.test("toString() leaves out the middle of a long tape and prints around a row", () => {
  let x = variable(1);
  for (let i = 0; i < 100; i++) x = x.add(1);
  assertStringIncludes(tape.toString({ limit: 10 }), "rows left out");
  assertEquals(tape.toString({ around: 50 }).split("\n").length, 12);
  assertThrows(() => tape.toString({ around: 1e6 }), RangeError, "the tape has 201 rows");
  tape.clear();
});

Deno.test("untracked values are not recorded", () => {
  const before = tape.length;
  const fixed = variable(2, { trainable: false });
  fixed.mul(3).add(fixed);
  noGrad(() => variable(2).mul(3));
  assertEquals(tape.length, before);
});

Deno.test("a chain of a million operations is recorded and walked without recursion", () => {
  const n = 1_000_000;
  const f = (x: Variable): Variable => {
    let y = x;
    for (let i = 0; i < n; i++) y = y.add(x);
    return y;
  };
  assertEquals(grad(f)(1), n + 1);
  assertEquals(tape.length, 0);
});

Deno.test("the tape is rewound when the function throws", () => {
  assertThrows(
    () =>
      grad((x: Variable): Variable => {
        x.mul(2);
        throw new RangeError("mine");
      })(1),
    RangeError,
    "mine",
  );
  assertEquals([tape.length, tape.depth], [0, 0]);
  assertEquals(grad((x: Variable) => x.mul(2))(1), 2);
});

Deno.test("a Variable whose row was dropped is stale, but can be read", () => {
  let kept: Variable | undefined;
  grad((x: Variable) => kept = x.mul(2))(3);
  assertEquals(kept!.value, 6);
  assertThrows(() => kept!.add(1), TypeError, "Cannot use a stale Variable");
  grad((x: Variable) => x.mul(2).add(1))(3);
  assertThrows(() => kept!.add(1), TypeError, "stale");
});

Deno.test("what uses a stale Variable is told which call dropped its row", () => {
  const w = variable(3);
  let inner: Variable | undefined;
  grad((x: Variable) => inner = x.mul(2))(3);
  assertThrows(() => inner!.add(1), TypeError, "dropped from the tape by grad()");
  const first = w.mul(2);
  first.square().backward();
  assertThrows(() => first.add(1), TypeError, "dropped from the tape by backward()");
  const [kept, other] = [w.mul(2), w.mul(3)];
  other.square().backward();
  tape.clear();
  assertThrows(() => kept.add(1), TypeError, "dropped from the tape by tape.clear()");
  assertThrows(() => other.add(1), TypeError, "dropped from the tape by backward()");
  let seen: Variable | undefined;
  compile((x: Variable) => seen = x.mul(2))(constant(1));
  assertThrows(() => seen!.add(1), TypeError, "dropped from the tape by compile()");
  compile((x: Variable) => seen = x.mul(2))(constant([1]));
  assertThrows(() => seen!.value, TypeError, "return it from the function");
});

Deno.test("clear() inside grad() is refused", () => {
  assertThrows(
    () =>
      grad((x: Variable) => {
        tape.clear();
        return x;
      })(1),
    TypeError,
    "Cannot clear the tape",
  );
});

Deno.test("rows are told apart after more than 2^32 rewinds", () => {
  const before = tape.generation;
  try {
    for (const generation of [2 ** 31 - 1, 2 ** 32 - 1, 2 ** 40]) {
      tape.generation = generation;
      const w = variable(3);
      for (let i = 0; i < 3; i++) w.square().backward();
      assertEquals(w.grad?.value, 18);
      assertEquals(grad((x: Variable) => grad((y: Variable) => y.mul(y).mul(x))(x))(2), 4 * 2);
      const gone = w.mul(2);
      tape.clear();
      assertThrows(() => gone.mul(w), TypeError, "its row was dropped");
    }
  } finally {
    tape.clear();
    tape.generation = Math.max(before, tape.generation);
  }
});

Deno.test("a tape that only grows warns once, with the remedy, and gives its memory back when it is cleared", () => {
  const fresh = new Tape();
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void warnings.push(text);
  try {
    for (let i = 0; i < 9_000_000; i++) fresh.leaf(CONSTANT, 1, "float64");
  } finally {
    console.warn = warn;
  }
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0]!, "noGrad()");
  assertStringIncludes(warnings[0]!, "tape.clear()");
  fresh.clear();
  assertEquals([fresh.length, fresh.opcodes.length, fresh.stamps.length], [0, 1024, 1024]);
});

Deno.test("scope() and frame() bring everything back when the function throws", () => {
  const state =
    (): unknown[] => [tape.recording, tape.barrier, tape.guard, tape.depth, tape.length, tape.lowest];
  const before = state();
  const guard = { read: () => {}, write: () => {} };
  const fail = (): never => {
    variable(1).mul(2);
    throw new RangeError("mine");
  };
  assertThrows(
    () => tape.scope({ recording: false, barrier: 7, guard }, () => tape.frame("a test", fail)),
    RangeError,
    "mine",
  );
  assertThrows(() => tape.frame("a test", () => tape.scope({ guard }, fail)), RangeError, "mine");
  assertEquals(state(), before);
});

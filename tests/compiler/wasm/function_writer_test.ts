/** Functions: operands on the stack and beside it, blocks and branches, calls, and what is refused. */
import { assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import {
  $,
  block,
  br,
  br_if,
  br_table,
  call,
  drop,
  f64,
  func,
  i32,
  if_,
  importFunc,
  type Label,
  type Local,
  local,
  loop,
  newLocal,
  type Operand,
  return_,
  select,
  unreachable,
  v128,
} from "../../../src/compiler/wasm/writer.ts";
import { linked } from "./written.ts";

/** A term of locals and constants, and what it is. */
type Term = { readonly value: number } | { readonly local: number } | {
  readonly operation: "add" | "sub" | "mul";
  readonly operands: readonly [Term, Term];
};

const terms = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 6 },
    fc.record({ value: fc.integer({ min: -300, max: 300 }) }),
    fc.record({ local: fc.integer({ min: 0, max: 2 }) }),
    fc.record({
      operation: fc.constantFrom("add" as const, "sub" as const, "mul" as const),
      operands: fc.tuple(tie("term"), tie("term")),
    }),
  ),
})).term;

function evaluate(term: Term, locals: readonly number[]): number {
  if ("value" in term) return term.value;
  if ("local" in term) return locals[term.local]!;
  const [x, y] = term.operands.map((operand) => evaluate(operand, locals)) as [number, number];
  return (term.operation === "add" ? x + y : term.operation === "sub" ? x - y : Math.imul(x, y)) | 0;
}

/** Gives locals and constants as operands, so that some have to go before code that stands already. */
function write(term: Term, locals: readonly Local<"i32">[]): Operand<"i32"> {
  if ("value" in term) return term.value;
  if ("local" in term) return locals[term.local]!;
  const [x, y] = term.operands;
  return i32[term.operation](write(x, locals), write(y, locals));
}

Deno.test("operands that are locals or constants go before the code of those on the stack", () => {
  fc.assert(fc.property(terms, fc.array(fc.integer(), { minLength: 3, maxLength: 3 }), (term, values) => {
    const run = linked(func({ in: [i32, i32, i32], out: [i32] }, (locals) => {
      i32.add(0, write(term, locals));
    }));
    assertEquals(run(...values), evaluate(term, values));
  }));
});

Deno.test("an operand goes after what was written before the code of the next, calls and blocks in between too", () => {
  const log: string[] = [];
  const say = (name: string, value: number) =>
    importFunc({ in: [], out: [i32] }, () => {
      log.push(name);
      return value;
    });
  const [a, b] = [say("a", 20), say("b", 3)];
  const run = linked(func({ in: [i32], out: [i32] }, ([x]) => {
    call(a);
    local.get(x);
    if_({}, () => {
      call(a);
      drop();
    });
    // 1000 and x belong before the call of b.
    call(b);
    i32.add(1000, i32.mul(x, $));
    i32.add();
  }));
  assertEquals([run(5), log.splice(0)], [1035, ["a", "a", "b"]]);
  assertEquals([run(0), log.splice(0)], [1020, ["a", "b"]]);
});

Deno.test("a local may be given where it stands already, set by what comes after it", () => {
  const run = linked(func({ in: [i32], out: [i32] }, ([x]) => {
    i32.sub(x, local.tee(x, i32.add(x, 5)));
    i32.add($, i32.mul(x, 100));
  }));
  assertEquals(run(1), -5 + 600);
});

Deno.test("loops, blocks and branches run as often as they say", () => {
  const sum = linked(func({ in: [i32], locals: [i32], out: [i32] }, ([n], [total]) => {
    block({}, (done) => {
      loop({}, (again) => {
        i32.eqz(n);
        br_if(done);
        local.set(total, i32.add(total, n));
        local.set(n, i32.sub(n, 1));
        br(again);
      });
    });
    local.get(total);
  }));
  assertEquals([0, 1, 10, 1000].map((n) => sum(n)), [0, 1, 55, 500_500]);
});

Deno.test("blocks give a value, which a branch takes along", () => {
  const run = linked(func({ in: [i32, f64], out: [f64] }, ([which, x]) => {
    block({ out: [f64] }, (leave) => {
      f64.add(x, 1);
      i32.eqz(which);
      br_if(leave);
      drop();
      i32.eq(which, 1);
      if_({ out: [f64] }, () => void f64.mul(x, 2), () => {
        i32.eq(which, 2);
        if_({}, () => {
          f64.const(-1);
          br(leave);
        });
        f64.const(7);
      });
    });
    f64.neg();
  }));
  assertEquals([0, 1, 2, 3].map((which) => run(which, 5)), [-6, -10, 1, -7]);
});

Deno.test("a table of branches takes the label of a number, or the last", () => {
  const run = linked(func({ in: [i32], out: [i32] }, ([x]) => {
    const cases = (labels: readonly Label[]): void => {
      if (labels.length < 3) return block({}, (label) => cases([label, ...labels]));
      local.get(x);
      br_table([labels[0]!, labels[2]!], labels[1]!);
    };
    block({}, (outer) => {
      block({}, (middle) => {
        block({}, (inner) => cases([inner, middle, outer]));
        i32.const(10);
        return_();
      });
      i32.const(20);
      return_();
    });
    i32.const(30);
  }));
  assertEquals([0, 1, 2, -1].map((x) => run(x)), [10, 30, 20, 20]);
});

Deno.test("select takes numbers and vectors; unreachable stops; after a return nothing is missed", () => {
  const pick = linked(func({ in: [i32], out: [f64] }, ([x]) => {
    f64.const(1.5);
    f64.const(2.5);
    local.get(x);
    select();
  }));
  assertEquals([pick(1), pick(0)], [1.5, 2.5]);
  const vectors = linked(func({ in: [i32], out: [i32] }, ([x]) => {
    v128.const("i32x4", [1, 0, 0, 0]);
    v128.const("i32x4", [0, 0, 0, 0]);
    local.get(x);
    select();
    v128.any_true();
  }));
  assertEquals([vectors(1), vectors(0)], [1, 0]);
  const stop = linked(func({ in: [i32], out: [i32] }, ([x]) => {
    local.get(x);
    if_({ out: [i32] }, () => {
      i32.const(4);
      return_();
      i32.add();
    }, unreachable);
  }));
  assertEquals(stop(1), 4);
  assertThrows(() => stop(0), WebAssembly.RuntimeError, "unreachable");
});

Deno.test("locals may be added while the code is written, of every type in any order", () => {
  const run = linked(func({ in: [f64], locals: [i32], out: [f64] }, ([x], [count]) => {
    const a = newLocal(f64);
    const b = newLocal(v128);
    const c = newLocal(f64);
    local.set(a, f64.add(x, 1));
    local.set(b, v128.const("i32x4", [0, 0, 0, 1]));
    local.set(c, f64.mul(a, a));
    local.set(count, v128.any_true(b));
    f64.add(c, f64.convert_i32_s(count));
  }));
  assertEquals(run(2), 10);
});

Deno.test("functions call others, written and imported, with operands beside and on the stack", () => {
  const hypot = importFunc({ in: [f64, f64], out: [f64] }, Math.hypot);
  const twice = func({ in: [f64], out: [f64] }, ([x]) => void f64.add(x, x));
  const run = linked(func({ in: [f64], out: [f64] }, ([x]) => {
    call(twice, [x]);
    call(hypot, [x, $]);
    call(twice);
    call(hypot, [3, 4]);
    f64.add();
  }));
  assertEquals(run(2), 2 * Math.hypot(2, 4) + 5);
});

Deno.test("functions of 100,000 instructions, and of a depth of 200 blocks, are written", () => {
  const long = linked(func({ in: [f64], out: [f64] }, ([x]) => {
    local.get(x);
    for (let i = 0; i < 50_000; i++) f64.add($, 1);
  }));
  assertEquals(long(0.5), 50_000.5);
  const nest = (x: Local<"i32">, depth: number): void =>
    block({}, () => depth === 0 ? local.set(x, i32.add(x, 1)) : nest(x, depth - 1));
  const deep = linked(func({ in: [i32], out: [i32] }, ([x]) => {
    nest(x, 200);
    local.get(x);
  }));
  assertEquals(deep(1), 2);
});

const REFUSED: readonly (readonly [what: string, write: () => void, text: string])[] = [
  [
    "an instruction outside of a function",
    () => i32.add(1, 2),
    "Cannot write an instruction: no function is being written",
  ],
  [
    "operands of the wrong type",
    () => func({ in: [i32], out: [] }, ([x]) => void f64.add(x as never, 1)),
    "Cannot write f64.add: it takes f64, f64, but the stack has i32, f64",
  ],
  [
    "too few operands on the stack",
    () =>
      func({ in: [i32], out: [] }, ([x]) => {
        local.get(x);
        i32.add();
      }),
    "Cannot write i32.add: it takes i32, i32, but the stack has i32",
  ],
  [
    "operands from outside of a block",
    () =>
      func({ in: [i32], out: [] }, ([x]) => {
        local.get(x);
        block({}, () => void i32.eqz());
      }),
    "Cannot write i32.eqz: it takes i32, but the stack has nothing",
  ],
  [
    "an operand below what is outside of a block",
    () =>
      func({ in: [i32], out: [] }, ([x]) => {
        local.get(x);
        block({}, () => void i32.add(x, $));
      }),
    "Cannot write i32.add: its operands are not on the stack",
  ],
  [
    "the wrong number of operands",
    () => func({ in: [i32], out: [] }, ([x]) => void (i32.add as unknown as (x: unknown) => void)(x)),
    "Cannot write i32.add: it takes 2 operands, but is given 1",
  ],
  [
    "a number for a vector",
    () => func({ in: [], out: [] }, () => void v128.not(1 as never)),
    "Cannot write v128.not: it takes a v128, but is given the number 1",
  ],
  [
    "values that are left in a block",
    () => func({ in: [], out: [] }, () => loop({}, () => void i32.const(1))),
    "Cannot end loop: the stack still has i32",
  ],
  [
    "a missing result",
    () => func({ in: [], out: [f64] }, () => {}),
    "Cannot write the end of the function: it takes f64, but the stack has nothing",
  ],
  [
    "a branch out of a block that has ended",
    () =>
      func({ in: [], out: [] }, () => {
        let ended: Label | undefined;
        block({}, (label) => void (ended = label));
        block({}, () => br(ended!));
      }),
    "Cannot write br: its block has ended",
  ],
];
for (const [what, write, text] of REFUSED) {
  Deno.test(`${what}: refused, and the next function is written as if nothing had been`, () => {
    assertThrows(write, TypeError, text);
    assertEquals(linked(func({ in: [], out: [i32] }, () => void i32.const(3)))(), 3);
  });
}

Deno.test("a function may be written while another is", () => {
  const run = linked(func({ in: [i32], out: [i32] }, ([x]) => {
    local.get(x);
    const inner = func({ in: [i32], out: [i32] }, ([y]) => void i32.mul(y, 3));
    call(inner);
  }));
  assertEquals(run(4), 12);
});

import { elementwise, type Lower } from "./define.ts";
import type { Ops, Primitive } from "../primitive.ts";

/** Sum of two operands. */
export const add: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, x, y) => s.add(x, y),
  vjp: [(_, g) => g, (_, g) => g],
});

/** Difference. */
export const sub: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, x, y) => s.sub(x, y),
  vjp: [(_, g) => g, ({ ops }, g) => ops.neg(g)],
});

/** Product, element by element. */
export const mul: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, x, y) => s.mul(x, y),
  vjp: [({ ops, y }, g) => ops.mul(g, y), ({ ops, x }, g) => ops.mul(g, x)],
});

/** Quotient. */
export const div: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, x, y) => s.div(x, y),
  vjp: [({ ops, y }, g) => ops.div(g, y), ({ ops, y, output }, g) => ops.neg(ops.div(ops.mul(g, output), y))],
  domains: [[-2, 2], [0.5, 2]],
});

/** Negation. */
export const neg: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.neg(x),
  vjp: [({ ops }, g) => ops.neg(g)],
});

/** Absolute value; the subgradient at 0 is 0. */
export const abs: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.abs(x),
  vjp: [({ ops, x }, g) => ops.mul(g, ops.sign(x))],
  domains: [[0.5, 2]],
});

/** Sign: -1, 0 or 1; the derivative is zero everywhere. */
export const sign: Primitive<1> = elementwise({
  arity: 1,
  lower: (s, x) => s.sign(x),
  vjp: [null],
  domains: [[0.5, 2]],
});

/** The larger of two operands; a tie shares the derivative in halves. */
export const maximum: Primitive<2> = extremeOfTwo((s, x, y) => s.max(x, y), "gt", "ge");

/** The smaller of two operands; a tie shares the derivative in halves. */
export const minimum: Primitive<2> = extremeOfTwo((s, x, y) => s.min(x, y), "lt", "le");

/** The operand that wins, by a strict comparison and by one that a tie satisfies too. */
function extremeOfTwo(lower: Lower, wins: "gt" | "lt", reaches: "ge" | "le"): Primitive<2> {
  const share = <T>(ops: Ops<T>, x: T, y: T): T =>
    ops.add(ops.mul(ops[wins](x, y), 0.5), ops.mul(ops[reaches](x, y), 0.5));
  return elementwise({
    arity: 2,
    lower,
    vjp: [
      ({ ops, x, y }, g) => ops.mul(g, share(ops, x, y)),
      ({ ops, x, y }, g) => ops.mul(g, share(ops, y, x)),
    ],
    display: [
      ({ ops, x, y }, g) => ops.mul(g, ops.where(ops.eq(x, y), 0.5, ops[wins](x, y))),
      ({ ops, x, y }, g) => ops.mul(g, ops.where(ops.eq(x, y), 0.5, ops[wins](y, x))),
    ],
  });
}

/** The operand itself: the row that links an input of an inner walk to an outer one. */
export const identity: Primitive<1> = elementwise({
  arity: 1,
  lower: (_, x) => x,
  vjp: [(_, g) => g],
});

/** The operand itself, without derivative: recorded where the value must be known to depend on something. */
export const stopGradient: Primitive<1> = elementwise({
  arity: 1,
  lower: (_, x) => x,
  vjp: [null],
});

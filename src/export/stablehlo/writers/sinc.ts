import type { Body, Tensor } from "../body.ts";

/** The orders that are written: where the order is a tensor, the element chooses among them. */
const ORDERS = 4;

/**
 * The n-th derivative of sin(πx) / (πx) for n up to {@linkcode ORDERS}: by the recurrence
 * `u S⁽ⁿ⁾ + n S⁽ⁿ⁻¹⁾ = sin⁽ⁿ⁾(u)` far from 0, near it by the power series.
 */
export function writeSincDerivative(body: Body, order: Tensor, x: Tensor): Tensor {
  if (order.constant !== undefined) return derivative(body, order.constant, x);
  let found = body.constant(NaN, x.shape, x.type);
  for (let n = 0; n <= ORDERS; n++) {
    const isOrder = body.compare("EQ", order, body.constant(n, x.shape, x.type));
    found = body.select(isOrder, derivative(body, n, x), found);
  }
  return found;
}

function derivative(body: Body, n: number, x: Tensor): Tensor {
  const number = (value: number): Tensor => body.constant(value, x.shape, x.type);
  const op = (name: string, ...operands: Tensor[]): Tensor => body.elementwise(name, ...operands);
  const u = op("multiply", x, number(Math.PI));
  const isFar = body.compare("GT", op("abs", u), number(n + 1));
  const safe = body.select(isFar, u, number(1));
  let far = op("divide", sinPi(body, x, 0), safe);
  for (let k = 1; k <= n; k++) {
    far = op("divide", op("subtract", sinPi(body, x, k), op("multiply", number(k), far)), safe);
  }
  const isInfinite = body.compare("EQ", op("abs", x), number(Infinity));
  const near = op("multiply", number(Math.PI ** n), body.select(isFar, far, series(body, n, u)));
  return body.select(isInfinite, number(0), near);
}

/** The sum of `(-1)^k u^(2k - n) / ((2k - n)! (2k + 1))`, by Horner's rule; the last term is below rounding for |u| <= n + 1. */
function series(body: Body, n: number, u: Tensor): Tensor {
  const first = n + n % 2;
  const terms: number[] = [];
  let factorial = 1;
  for (let m = first; m < first + 44; m += 2) {
    terms.push((m % 4 === 0 ? 1 : -1) / (factorial * (m + 1)));
    factorial *= (m - n + 1) * (m - n + 2);
  }
  const square = body.elementwise("multiply", u, u);
  let sum = body.constant(terms.at(-1)!, u.shape, u.type);
  for (const term of terms.slice(0, -1).reverse()) {
    sum = body.elementwise(
      "add",
      body.elementwise("multiply", sum, square),
      body.constant(term, u.shape, u.type),
    );
  }
  return n % 2 === 0 ? sum : body.elementwise("multiply", sum, u);
}

/** sin(πx + kπ/2): the period is taken off before multiplying by π. */
function sinPi(body: Body, x: Tensor, k: number): Tensor {
  const number = (value: number): Tensor => body.constant(value, x.shape, x.type);
  const op = (name: string, ...operands: Tensor[]): Tensor => body.elementwise(name, ...operands);
  const turn = op("remainder", x, number(2));
  const quarter = op("round_nearest_even", op("multiply", turn, number(2)));
  const angle = op("multiply", number(Math.PI), op("subtract", turn, op("multiply", quarter, number(0.5))));
  // The quarter turn from 0 to 3; it is from -4 to 4 before, and k adds to it.
  const shifted = op("remainder", op("add", quarter, number(k + 4)), number(4));
  const isAny = (a: number, b: number): Tensor =>
    op("or", body.compare("EQ", shifted, number(a)), body.compare("EQ", shifted, number(b)));
  const size = body.select(isAny(0, 2), op("sine", angle), op("cosine", angle));
  return body.select(isAny(0, 1), size, op("negate", size));
}

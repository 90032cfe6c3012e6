import type { Lane, Lanes } from "./lanes.ts";
import { exp, exp2 } from "./exponential.ts";
import { hostFunction } from "./host.ts";
import { log } from "./logarithm.ts";
import { inDouble } from "./polynomial.ts";

/** x to the power y, as `Math.pow` has it. */
export function pow(L: Lanes, x: Lane, y: Lane): Lane {
  const exponent = L.numberOf(y);
  const fixed = exponent === undefined ? undefined : fixedPower(L, x, exponent);
  if (fixed !== undefined) return fixed;
  if (L.numberOf(x) === 2) return exp2(L, y);
  return L.isNarrow ? inDouble(roughPower)(L, x, y) : L.call(hostFunction("pow", 2), [x, y]);
}

/** A power that is a product, a quotient or a root. */
function fixedPower(L: Lanes, x: Lane, exponent: number): Lane | undefined {
  if (exponent < 0 && Number.isInteger(exponent)) {
    const inverse = L.div(L.constant(1), x);
    return exponent >= -2 ? fixedPower(L, inverse, -exponent) : undefined;
  }
  const square = (): Lane => L.mul(x, x);
  switch (exponent) {
    case 0:
      return L.constant(1);
    case 1:
      return x;
    case 2:
      return square();
    case 3:
      return L.mul(square(), x);
    case 4:
      return L.mul(square(), square());
    case 0.5:
      return root(L, x);
    case -0.5:
      return L.div(L.constant(1), root(L, x));
    case 1.5:
      return L.mul(L.abs(x), root(L, x));
  }
  return undefined;
}

/** x^(1/2), which unlike the square root is 0 for -0 and infinite for -Infinity. */
function root(L: Lanes, x: Lane): Lane {
  const infinity = L.constant(Infinity);
  const result = L.sqrt(L.add(x, L.constant(0)));
  return L.select(L.eq(x, L.constant(-Infinity)), infinity, result);
}

/** x^y for doubles that will be float32. */
function roughPower(L: Lanes, ...[x, y]: Lane[]): Lane {
  const [zero, half, one] = [L.constant(0), L.constant(0.5), L.constant(1)];
  const size = exp(L, L.mul(y!, log(L, L.abs(x!))));
  const isInteger = L.eq(L.trunc(y!), y!);
  const halfY = L.mul(y!, half);
  const isOdd = L.and(isInteger, L.ne(L.trunc(halfY), halfY));
  const signed = L.xor(size, L.and(L.signOf(x!), isOdd));
  // Negative numbers have powers with integer exponents only; -Infinity counts as large, not as negative.
  const isNegative = L.and(L.lt(x!, zero), L.gt(x!, L.constant(-Infinity)));
  const real = L.select(L.andNot(isNegative, isInteger), L.constant(NaN), signed);
  return L.select(L.eq(y!, zero), one, real);
}

/** The cube root of doubles that will be float32. */
export function roughCubeRoot(L: Lanes, x: Lane): Lane {
  return L.withSign(exp(L, L.mul(log(L, L.abs(x)), L.constant(1 / 3))), x);
}

/** sqrt(x² + y²), infinite if an operand is, even beside NaN; extreme operands go to the host. */
export function hypot(L: Lanes, x: Lane, y: Lane): Lane {
  const squares = L.fma(x, x, L.mul(y, y));
  const isFinite = L.lt(squares, L.constant(Infinity));
  // Squares of what was float32 do not underflow.
  const isUsual = L.precision === "rough" ? isFinite : L.and(L.gt(squares, L.constant(1e-280)), isFinite);
  return L.rescue(L.sqrt(squares), L.not(isUsual), hostFunction("hypot", 2), [x, y]);
}

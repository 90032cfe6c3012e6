/** erf(x) / x as a polynomial in x², for |x| up to 1/2. */
// deno-fmt-ignore
const ERF = [
  1.1283791670955126, -0.3761263890318375, 0.1128379167095487, -0.026866170645000076, 0.005223977622024224,
  -0.0008548326511566567, 0.00012055286259121393, -1.4923005626894847e-05, 1.6371282597755977e-06,
  -1.4621341491012844e-07,
];
/** exp(x²) erfc(x) (1 + 2x) as a polynomial in (x - 4) / (x + 3), for x from 1/2. */
// deno-fmt-ignore
const ERFC = [
  1.2329951186255526, -0.12216847723549219, -0.0034960135133680504, 0.0466545853467421, -0.04180651066502418,
  0.02280179959886874, -0.008073603938191426, 0.001392061249454098, 0.00024740376466562123,
  -0.00019788759716667242, 1.7479105378336685e-05, 1.8863222935535367e-05, -4.577263787782252e-06,
  -1.9136503491626945e-06, 7.238584056222573e-07, 2.410820745924068e-07, -1.0508337520363905e-07,
  -3.8721429616341525e-08, 1.4439632586268601e-08, 7.211389633963752e-09, -1.7271696747654187e-09,
  -1.336870386119782e-09, 1.3887151903676082e-10, 2.0194772612135376e-10, 3.5266204046063587e-13,
  -1.7273984377393314e-11, -1.2603782519830013e-12,
];

/** A polynomial, coefficients from the constant term on. */
export function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) sum = sum * x + coefficients[k]!;
  return sum;
}

/** erfc for x from 1/2 on; the square is split so that its rounding is not magnified by exp. */
function erfcTail(x: number): number {
  if (x > 28) return 0;
  const head = Math.fround(x);
  const gaussian = Math.exp(-head * head) * Math.exp((head - x) * (head + x));
  return gaussian * polynomial(ERFC, (x - 4) / (x + 3)) / (1 + 2 * x);
}

/**
 * Error function. A Taylor-like polynomial near 0, else the expansion of
 * J. L. Schonfelder, "Chebyshev expansions for the error and related functions", Math. Comp. 32 (1978).
 */
export function erf(x: number): number {
  if (x >= 0.5) return x > 6 ? 1 : 1 - erfcTail(x);
  if (x <= -0.5) return x < -6 ? -1 : erfcTail(-x) - 1;
  return x * polynomial(ERF, x * x);
}

/** 1 - erf(x), exact in the tail; the same expansions. */
export function erfc(x: number): number {
  if (x >= 0.5) return erfcTail(x);
  if (x <= -0.5) return 2 - erfcTail(-x);
  return 1 - x * polynomial(ERF, x * x);
}

/**
 * Inverse of erf: the approximation of S. Winitzki (2008), good to 2e-3, then steps of Halley's method on erf, or on
 * erfc where that is the exact one. Each cubes the error: two are enough where the curve isn't steep.
 */
export function erfinv(x: number): number {
  const size = Math.abs(x);
  if (!(size < 1)) return size === 1 ? x * Infinity : NaN;
  let y = size * 0.886226925452758;
  if (size > 0.1) {
    const l = Math.log((1 - size) * (1 + size));
    const half = 2 / (Math.PI * 0.147) + l / 2;
    y = Math.sqrt(Math.sqrt(half * half - l / 0.147) - half);
  }
  const steps = size < 0.99 ? 2 : 3;
  for (let step = 0; step < steps; step++) {
    const miss = size < 0.5 ? erf(y) - size : (1 - size) - erfc(y);
    const newton = miss * 0.886226925452758 * Math.exp(y * y);
    y -= newton / (1 + y * newton);
  }
  return x < 0 ? -y : x === 0 ? x : y;
}

/** Functions of plain numbers that JavaScript's Math lacks. Formulas call them by the names they have here. */

/** The logistic function. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The nearest integer, a half to the even one; keeps the sign of zero. */
export function round(x: number): number {
  // Above 2^52 there are no fractions; below, adding it leaves no room for them.
  const size = Math.abs(x);
  return size < 2 ** 52 ? Math.sign(x) * ((size + 2 ** 52) - 2 ** 52) : x;
}

/** The remainder with the sign of the divisor, as in Python. */
export function mod(x: number, y: number): number {
  const rest = x % y;
  if (rest === 0) return y < 0 ? -0 : 0;
  return rest < 0 !== y < 0 ? rest + y : rest;
}

/** sqrt(x² + y²) without overflow or underflow on the way; infinite if an operand is, even beside NaN. */
export function hypot(x: number, y: number): number {
  const squares = x * x + y * y;
  if (squares > 1e-290 && squares < Infinity) return Math.sqrt(squares);
  const large = Math.max(Math.abs(x), Math.abs(y));
  if (large === 0) return 0;
  if (Math.abs(x) === Infinity || Math.abs(y) === Infinity) return Infinity;
  const scale = large > 1 ? 2 ** -600 : 2 ** 600;
  return Math.sqrt((x * scale) ** 2 + (y * scale) ** 2) / scale;
}

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
function polynomial(coefficients: readonly number[], x: number): number {
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

/** sin(πx + kπ/2), exact at multiples of 1/2 however large: the period is taken off before multiplying by π. */
function sinPi(x: number, k: number = 0): number {
  const turn = x % 2;
  const quarter = Math.round(2 * turn);
  const angle = Math.PI * (turn - quarter / 2);
  const size = (quarter + k) % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  return ((quarter + k) & 2) === 0 ? size : 0 - size;
}

/**
 * The n-th derivative of sin(πx) / (πx), n = 0, 1, 2, ... With S = sin(u) / u: far from 0 by
 * u S⁽ⁿ⁾ + n S⁽ⁿ⁻¹⁾ = sin⁽ⁿ⁾(u), which is stable for u > n, and near 0 by the power series. NaN from n = 621 on, where
 * πⁿ overflows, so that no larger order is counted up to.
 */
export function sincDerivative(n: number, x: number): number {
  if (x === Infinity || x === -Infinity) return 0;
  const u = Math.PI * x;
  const scale = Math.pow(Math.PI, n);
  if (!(scale < Infinity)) return NaN;
  if (Math.abs(u) > n + 1) {
    let s = sinPi(x) / u;
    for (let k = 1; k <= n; k++) s = (sinPi(x, k) - k * s) / u;
    return scale * s;
  }
  // The power of u that has exponent e = 2k - n: (-1)^k u^e / (e! (2k + 1)).
  const first = n + n % 2;
  let power = n % 2 === 0 ? 1 : u;
  let sum = 0;
  // Counted, as 2 more than -2^55 is -2^55, and a sum that is NaN never equals the one before.
  for (let k = 0; k < 30; k++) {
    const m = first + 2 * k;
    const before = sum;
    sum += (m % 4 === 0 ? power : -power) / (m + 1);
    if (sum === before) break;
    power *= u * u / ((m - n + 1) * (m - n + 2));
  }
  return scale * sum;
}

/** log(Γ(2 + z)) / z for |z| up to 1/2. */
// deno-fmt-ignore
const LOG_GAMMA = [
  0.42278433509846713, 0.3224670334241132, -0.06735230105319814, 0.02058080842778463, -0.007385551028668096,
  0.0028905103307343394, -0.0011927539120033873, 0.0005096695250262799, -0.00022315475069647703,
  9.945750665169756e-05, -4.492635166770342e-05, 2.0507292365464966e-05, -9.438454884054723e-06,
  4.374221208333783e-06, -2.044935323180052e-06, 9.584290249224467e-07, -4.303234692956732e-07,
  2.0192169921430407e-07, -1.341570273460026e-07, 6.473973449314896e-08,
];
/** ψ(x) / (x - root) in 2x - 3, for x from 1 to 2. */
// deno-fmt-ignore
const DIGAMMA = [
  0.9510558760318328, -0.21181371064073024, 0.06013562106019684, -0.01855061538173984, 0.005936795278301761,
  -0.001935066664735652, 0.0006368880303865817, -0.00021074841288961643, 6.995018825112794e-05,
  -2.3258232466707952e-05, 7.741234508636364e-06, -2.578134894751126e-06, 8.589060721930695e-07,
  -2.8620904099739414e-07, 9.543298288278275e-08, -3.181266980138485e-08, 1.0527692435026686e-08,
  -3.5032218996509724e-09, 1.2469984616707403e-09, -4.197772636734229e-10, 8.734528429142953e-11,
  -2.7468150389464952e-11, 2.918622732168261e-11, -1.0015117602062808e-11,
];
/** The root of ψ, in two parts. */
const ROOT = 1.4616321449683622;
const ROOT_REST = 9.549995429965697e-17;
/** B(2k) for k from 1 on. */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798];
const STIRLING = BERNOULLI.map((b, i) => b / ((2 * i + 2) * (2 * i + 1)));
const DIGAMMA_TAIL = BERNOULLI.map((b, i) => b / (2 * i + 2));

/**
 * log|Γ(x)|. Shifted to 1.5 .. 2.5, where the polynomial keeps the zeros at 1 and 2 exact; Stirling's series from
 * 10 on (Abramowitz and Stegun 6.1.41); reflection below -1/2 (6.1.17). Infinite at 0 and negative integers.
 */
export function lgamma(x: number): number {
  if (!(Math.abs(x) < Infinity)) return Math.abs(x);
  if (x < -0.5) {
    const sine = Math.abs(sinPi(x));
    return sine === 0 ? Infinity : Math.log(Math.PI / (-x * sine)) - lgamma(-x);
  }
  if (x < 0.5) return x * polynomial(LOG_GAMMA, x) - Math.log1p(x) - Math.log(Math.abs(x));
  if (x <= 1.5) return (x - 1) * polynomial(LOG_GAMMA, x - 1) - Math.log1p(x - 1);
  if (x < 10) {
    let z = x;
    let product = 1;
    while (z > 2.5) product *= --z;
    return Math.log(product) + (z - 2) * polynomial(LOG_GAMMA, z - 2);
  }
  const series = polynomial(STIRLING, 1 / (x * x)) / x;
  return (x - 0.5) * (Math.log(x) - 1) + (0.4189385332046727 + series);
}

/** ψ(x) = d log Γ(x) / dx; infinite at 0 and NaN at negative integers, where the sign depends on the side. */
function digamma(x: number): number {
  if (x === 0) return -1 / x;
  if (x < 0) {
    const sine = sinPi(x);
    return sine === 0 ? NaN : digamma(1 - x) - Math.PI * sinPi(x, 1) / sine;
  }
  if (x < 1) return digamma(x + 1) - 1 / x;
  if (x < 10) {
    let z = x;
    let sum = 0;
    while (z > 2) sum += 1 / --z;
    return sum + (z - ROOT - ROOT_REST) * polynomial(DIGAMMA, 2 * z - 3);
  }
  const square = 1 / (x * x);
  return Math.log(x) - 0.5 / x - square * polynomial(DIGAMMA_TAIL, square);
}

/** Beyond this order, factorials are infinite. */
const LARGEST_FACTORIAL = 170;

/** More terms than this are never needed: they vanish after some 40 x / s of them, and x is at most 10 + s. */
const MOST_TERMS = 400;

/**
 * x^s times Hurwitz' zeta function, for s from 2 and x above 0, by the Euler-Maclaurin formula (DLMF 25.11.5).
 * Terms are counted, as 1e250 + 1 is 1e250.
 */
function scaledZeta(s: number, x: number): number {
  let sum = 0;
  let a = x;
  for (let k = 0; a < 10 + s && k < MOST_TERMS; a = x + ++k) {
    const term = Math.pow(a / x, -s);
    sum += term;
    if (term < 1e-17 * sum) return sum;
  }
  let factor = s / (2 * a);
  let series = 0.5;
  BERNOULLI.forEach((b, i) => {
    series += b * factor;
    factor *= (s + 2 * i + 1) * (s + 2 * i + 2) / ((2 * i + 3) * (2 * i + 4) * a * a);
  });
  return sum + Math.pow(a / x, -s) * (a / (s - 1) + series);
}

/** `n! x^-(n + 1) scale` for x above 0, by logarithms where a factor overflows or underflows. */
function factorialOverPower(n: number, x: number, scale: number): number {
  if (n <= LARGEST_FACTORIAL) {
    let factorial = 1;
    for (let k = 2; k <= n; k++) factorial *= k;
    const power = Math.pow(x, -n - 1);
    if (power > 1e-290 && power < Infinity) return factorial * power * scale;
  }
  return Math.sign(scale) * Math.exp(lgamma(n + 1) - (n + 1) * Math.log(x) + Math.log(Math.abs(scale)));
}

/**
 * The n-th derivative of the digamma function below 0 for n above 170, without its sign: n! times the sum of
 * `(x + k)^-(n + 1)`, of which only those next to the nearest pole count.
 */
function nearestPoles(n: number, x: number): number {
  const nearest = -Math.round(x);
  const distance = x + nearest;
  let scale = 0;
  for (let k = Math.max(0, nearest - 2); k <= nearest + 2; k++) scale += Math.pow(distance / (x + k), n + 1);
  const sign = distance < 0 && n % 2 === 0 ? -1 : 1;
  return sign * factorialOverPower(n, Math.abs(distance), scale);
}

/** The n-th derivative of cot by its argument, where cot is c: from cot' = -(1 + cot²). */
function cotangentDerivative(n: number, c: number): number {
  let p = [0, 1];
  for (let k = 0; k < n; k++) {
    const next = new Array<number>(p.length + 1).fill(0);
    for (let i = 1; i < p.length; i++) {
      next[i - 1]! -= i * p[i]!;
      next[i + 1]! -= i * p[i]!;
    }
    p = next;
  }
  return polynomial(p, c);
}

/**
 * The n-th derivative of the digamma function, n = 0, 1, 2, ...: n! times Hurwitz' zeta function (Abramowitz and
 * Stegun 6.4.10), reflected below 0 (6.4.7). NaN for other n.
 */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  if (!(n > 0 && n % 1 === 0) || x !== x || x === -Infinity) return NaN;
  const sign = n % 2 === 0 ? -1 : 1;
  if (x === Infinity) return sign * 0;
  if (x === 0) return sign > 0 ? Infinity : -1 / x;
  if (x < 0) {
    const sine = sinPi(x);
    if (sine === 0) return sign > 0 ? Infinity : NaN;
    if (n > LARGEST_FACTORIAL) {
      // Halfway between two poles their even derivatives cancel, and those of all others in pairs but the last.
      return n % 2 === 0 && sinPi(x, 1) === 0 ? polygamma(n, 1 - x) : sign * nearestPoles(n, x);
    }
    const turn = Math.pow(Math.PI, n + 1) * cotangentDerivative(n, sinPi(x, 1) / sine);
    return -sign * polygamma(n, 1 - x) - turn;
  }
  return sign * factorialOverPower(n, x, scaledZeta(n + 1, x));
}

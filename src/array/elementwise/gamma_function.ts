import { polynomial } from "./error_function.ts";
import { sinPi } from "./sinc.ts";

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
 * x^s times Hurwitz' zeta function, for s from 2 and x above 0, by the Euler-Maclaurin formula (DLMF 25.11.5). What
 * stands beside an array in memory is taken for s and x, too, and 1e250 + 1 is 1e250: so terms are counted.
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

/** sin(πx + kπ/2), exact at multiples of 1/2 however large: the period is taken off before multiplying by π. */
export function sinPi(x: number, k: number = 0): number {
  const turn = x % 2;
  const quarter = Math.round(2 * turn);
  const angle = Math.PI * (turn - quarter / 2);
  const size = (quarter + k) % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  return ((quarter + k) & 2) === 0 ? size : 0 - size;
}

/**
 * The n-th derivative of sin(πx) / (πx), n = 0, 1, 2, ... With S = sin(u) / u: far from 0 by
 * u S⁽ⁿ⁾ + n S⁽ⁿ⁻¹⁾ = sin⁽ⁿ⁾(u), which is stable for u > n, and near 0 by the power series. NaN from n = 621 on, where
 * πⁿ overflows: what stands beside an array in memory is taken for an order, too, and must not be counted up to.
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
  for (let m = first; m < first + 60; m += 2) {
    const before = sum;
    sum += (m % 4 === 0 ? power : -power) / (m + 1);
    if (sum === before) break;
    power *= u * u / ((m - n + 1) * (m - n + 2));
  }
  return scale * sum;
}

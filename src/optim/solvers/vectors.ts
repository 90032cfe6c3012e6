/** The inner product of two vectors. */
export function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

/** The Euclidean length of a vector, without overflow of its squares. */
export function norm(x: Float64Array): number {
  const largest = maxNorm(x);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** The largest absolute value in a vector, NaN if there is one. */
export function maxNorm(x: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]!));
  return largest;
}

/** `x + factor * y`, as a new vector. */
export function addScaled(x: Float64Array, factor: number, y: Float64Array): Float64Array {
  const sum = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) sum[i] = x[i]! + factor * y[i]!;
  return sum;
}

/** `factor * x`, as a new vector. */
export function scaled(factor: number, x: Float64Array): Float64Array {
  const product = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) product[i] = factor * x[i]!;
  return product;
}

/** Whether all numbers of a vector are finite. */
export function allFinite(x: Float64Array): boolean {
  return x.every(Number.isFinite);
}

/** The objective of every eval in plain JavaScript: loops over Float64Arrays, no library, no derivative. */
import type {
  BaInput,
  DetInput,
  GmmInput,
  HtInput,
  KmeansInput,
  LlsqInput,
  LseInput,
  LstmInput,
  OdeInput,
} from "./inputs.ts";

const flat = (rows: readonly (readonly number[])[]): Float64Array => Float64Array.from(rows.flat());

export function llsq({ x: list, n }: LlsqInput): () => number {
  const x = Float64Array.from(list);
  return () => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const t = -1 + 2 * i / (n - 1);
      let residual = Math.sign(t);
      for (let j = 0, power = 1; j < x.length; j++, power *= t) residual -= x[j]! * power;
      sum += residual * residual;
    }
    return sum / 2;
  };
}

export function lse({ x: list }: LseInput): () => number {
  const x = Float64Array.from(list);
  return () => logSumExp(x, 0, x.length);
}

function logSumExp(x: Float64Array, start: number, end: number): number {
  let largest = -Infinity;
  for (let i = start; i < end; i++) if (x[i]! > largest) largest = x[i]!;
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.exp(x[i]! - largest);
  return largest + Math.log(sum);
}

export function gmm(input: GmmInput): () => number {
  const { d, k, n, m, gamma } = input;
  const [x, mu, q, l] = [input.x, input.mu, input.q, input.l].map(flat) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const alpha = Float64Array.from(input.alpha);
  const size = d * (d - 1) / 2;
  const difference = new Float64Array(d);
  const product = new Float64Array(d);
  const fits = new Float64Array(k);
  const diagonal = new Float64Array(k * d);
  const scales = new Float64Array(k);
  return () => {
    let norms = 0;
    let scaleSum = 0;
    for (let c = 0; c < k; c++) {
      scales[c] = 0;
      for (let j = 0; j < d; j++) {
        const e = Math.exp(q[c * d + j]!);
        diagonal[c * d + j] = e;
        norms += e * e;
        scales[c]! += q[c * d + j]!;
      }
      scaleSum += scales[c]!;
      for (let j = 0; j < size; j++) norms += l[c * size + j]! ** 2;
    }
    let total = 0;
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < k; c++) {
        for (let j = 0; j < d; j++) {
          difference[j] = x[i * d + j]! - mu[c * d + j]!;
          product[j] = diagonal[c * d + j]! * difference[j]!;
        }
        for (let column = 0, at = c * size; column < d; column++) {
          for (let row = column + 1; row < d; row++) product[row]! += l[at++]! * difference[column]!;
        }
        let square = 0;
        for (let j = 0; j < d; j++) square += product[j]! ** 2;
        fits[c] = alpha[c]! + scales[c]! - square / 2;
      }
      total += logSumExp(fits, 0, k);
    }
    const freedom = d + m + 1;
    let logGammas = d * (d - 1) / 4 * Math.log(Math.PI);
    for (let j = 1; j <= d; j++) logGammas += logGamma((freedom + 1 - j) / 2);
    return total - n * logSumExp(alpha, 0, k) - n * d / 2 * Math.log(2 * Math.PI) +
      k * (freedom * d * Math.log(gamma / Math.SQRT2) - logGammas) - gamma ** 2 / 2 * norms + m * scaleSum;
  };
}

/** Of whole and half numbers, by the recurrence. */
function logGamma(x: number): number {
  let sum = x % 1 === 0 ? 0 : Math.log(Math.PI) / 2;
  for (let y = x - 1; y > 0; y--) sum += Math.log(y);
  return sum;
}

export function kmeans({ points, centroids }: KmeansInput): () => number {
  const [p, c] = [flat(points), flat(centroids)];
  const d = points[0]!.length;
  return () => {
    let sum = 0;
    for (let i = 0; i < p.length; i += d) {
      let nearest = Infinity;
      for (let j = 0; j < c.length; j += d) {
        let square = 0;
        for (let a = 0; a < d; a++) square += (c[j + a]! - p[i + a]!) ** 2;
        if (square < nearest) nearest = square;
      }
      sum += nearest;
    }
    return sum;
  };
}

/** Writes the 2 p reprojection errors, then the p weight errors. */
export function ba({ n, m, p, cam, x, w, feat }: BaInput): () => Float64Array {
  const repeat = (list: readonly number[], count: number): Float64Array =>
    Float64Array.from({ length: count * list.length }, (_, i) => list[i % list.length]!);
  const [cameras, points, weights, features] = [
    repeat(cam, n),
    repeat(x, m),
    repeat([w], p),
    repeat(feat, p),
  ] as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const errors = new Float64Array(3 * p);
  return () => {
    for (let i = 0; i < p; i++) {
      const c = 11 * (i % n);
      const q = 3 * (i % m);
      const r1 = cameras[c]!, r2 = cameras[c + 1]!, r3 = cameras[c + 2]!;
      const y1 = points[q]! - cameras[c + 3]!;
      const y2 = points[q + 1]! - cameras[c + 4]!;
      const y3 = points[q + 2]! - cameras[c + 5]!;
      const square = r1 * r1 + r2 * r2 + r3 * r3;
      let z1 = y1 + r2 * y3 - r3 * y2;
      let z2 = y2 + r3 * y1 - r1 * y3;
      let z3 = y3 + r1 * y2 - r2 * y1;
      if (square !== 0) {
        const angle = Math.sqrt(square);
        const a1 = r1 / angle, a2 = r2 / angle, a3 = r3 / angle;
        const cosine = Math.cos(angle), sine = Math.sin(angle);
        const along = (a1 * y1 + a2 * y2 + a3 * y3) * (1 - cosine);
        z1 = y1 * cosine + (a2 * y3 - a3 * y2) * sine + a1 * along;
        z2 = y2 * cosine + (a3 * y1 - a1 * y3) * sine + a2 * along;
        z3 = y3 * cosine + (a1 * y2 - a2 * y1) * sine + a3 * along;
      }
      const e1 = z1 / z3, e2 = z2 / z3;
      const radius = e1 * e1 + e2 * e2;
      const scale = cameras[c + 6]! * (1 + cameras[c + 9]! * radius + cameras[c + 10]! * radius * radius);
      errors[2 * i] = weights[i]! * (scale * e1 + cameras[c + 7]! - features[2 * i]!);
      errors[2 * i + 1] = weights[i]! * (scale * e2 + cameras[c + 8]! - features[2 * i + 1]!);
      errors[2 * p + i] = 1 - weights[i]! ** 2;
    }
    return errors;
  };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export function lstm(input: LstmInput): () => number {
  const [main, extra, start, sequence] = [
    input.main_params,
    input.extra_params,
    input.state,
    input.sequence,
  ].map(flat) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const b = input.sequence[0]!.length;
  const c = input.sequence.length;
  const layers = input.main_params.length / 2;
  const state = new Float64Array(start.length);
  const v = new Float64Array(b);
  return () => {
    state.set(start);
    let total = 0;
    for (let t = 0; t + 1 < c; t++) {
      for (let j = 0; j < b; j++) v[j] = sequence[t * b + j]! * extra[j]!;
      for (let layer = 0; layer < layers; layer++) {
        const w = layer * 8 * b;
        const h = layer * 2 * b;
        for (let j = 0; j < b; j++) {
          const old = state[h + j]!;
          const forget = sigmoid(v[j]! * main[w + j]! + main[w + 4 * b + j]!);
          const ingate = sigmoid(old * main[w + b + j]! + main[w + 5 * b + j]!);
          const outgate = sigmoid(v[j]! * main[w + 2 * b + j]! + main[w + 6 * b + j]!);
          const change = Math.tanh(old * main[w + 3 * b + j]! + main[w + 7 * b + j]!);
          const cell = state[h + b + j]! * forget + ingate * change;
          state[h + b + j] = cell;
          v[j] = state[h + j] = outgate * Math.tanh(cell);
        }
      }
      let sum = 2;
      for (let j = 0; j < b; j++) sum += Math.exp(v[j]! * extra[b + j]! + extra[2 * b + j]!);
      const surprise = Math.log(sum);
      for (let j = 0; j < b; j++) {
        total += sequence[(t + 1) * b + j]! * (v[j]! * extra[b + j]! + extra[2 * b + j]! - surprise);
      }
    }
    return -total / (b * (c - 1));
  };
}

/** The product of two 4 by 4 matrices. */
function product(a: Float64Array, from: number, b: Float64Array, with_: number): Float64Array {
  const out = new Float64Array(16);
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) {
      for (let k = 0; k < 4; k++) out[4 * i + j]! += a[from + 4 * i + k]! * b[with_ + 4 * k + j]!;
    }
  }
  return out;
}

function axisRotation(angle: number, axis: 0 | 2): Float64Array {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return Float64Array.from(
    axis === 0
      ? [1, 0, 0, 0, 0, c, -s, 0, 0, s, c, 0, 0, 0, 0, 1]
      : [c, -s, 0, 0, s, c, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  );
}

export function ht(
  { theta: list, us, data: { correspondences, points, model } }: HtInput,
): () => Float64Array {
  const theta = Float64Array.from(list);
  const relatives = Float64Array.from(model.base_relatives.flat(2));
  const inverses = Float64Array.from(model.inverse_base_absolutes.flat(2));
  const [positions, weights] = [flat(model.base_positions), flat(model.weights)];
  const count = model.base_positions.length;
  const bones = model.parents.length;
  const places = new Float64Array(3 * count);
  const out = new Float64Array(3 * correspondences.length);
  return () => {
    const absolutes: Float64Array[] = [];
    const transformations = model.parents.map((parent, i) => {
      const g = Math.floor((i - 2) / 4);
      const joint = (i - 2) % 4;
      const inFinger = i >= 2 && g < 5 && joint < 3;
      const x = inFinger ? theta[[6, 8, 9][joint]! + 4 * g]! : 0;
      const z = inFinger && joint === 0 ? theta[7 + 4 * g]! : 0;
      const turn = product(axisRotation(z, 2), 0, axisRotation(x, 0), 0);
      const relative = product(relatives, 16 * i, turn, 0);
      absolutes.push(parent < 0 ? relative : product(absolutes[parent]!, 0, relative, 0));
      return product(absolutes[i]!, 0, inverses, 16 * i);
    });
    const angle = Math.hypot(theta[0]!, theta[1]!, theta[2]!);
    const [a, b, c] = angle < 1e-4 ? [0, 0, 0] : [theta[0]! / angle, theta[1]! / angle, theta[2]! / angle];
    const cosine = angle < 1e-4 ? 1 : Math.cos(angle);
    const sine = angle < 1e-4 ? 0 : Math.sin(angle);
    for (let v = 0; v < count; v++) {
      const p = [0, 0, 0];
      for (let i = 0; i < bones; i++) {
        const weight = weights[v * bones + i]!;
        if (weight === 0) continue;
        const t = transformations[i]!;
        for (let r = 0; r < 3; r++) {
          let sum = 0;
          for (let k = 0; k < 4; k++) sum += t[4 * r + k]! * positions[4 * v + k]!;
          p[r]! += weight * sum;
        }
      }
      const [x, y, z] = [model.is_mirrored ? -p[0]! : p[0]!, p[1]!, p[2]!];
      const along = (a! * x + b! * y + c! * z) * (1 - cosine);
      places[3 * v] = cosine * x + sine * (b! * z - c! * y) + a! * along + theta[3]!;
      places[3 * v + 1] = cosine * y + sine * (c! * x - a! * z) + b! * along + theta[4]!;
      places[3 * v + 2] = cosine * z + sine * (a! * y - b! * x) + c! * along + theta[5]!;
    }
    correspondences.forEach((place, i) => {
      for (let r = 0; r < 3; r++) {
        let at = places[3 * place + r]!;
        if (us.length > 0) {
          const [u, v] = us[i] as [number, number];
          const [p, q, s] = model.triangles[place] as [number, number, number];
          at = u * places[3 * p + r]! + v * places[3 * q + r]! + (1 - u - v) * places[3 * s + r]!;
        }
        out[3 * i + r] = points[i]![r]! - at;
      }
    });
    return out;
  };
}

export function ode({ x: list, s }: OdeInput): () => Float64Array {
  const x = Float64Array.from(list);
  const n = x.length;
  const [y, k1, k2, k3, k4] = [0, 0, 0, 0, 0].map(() => new Float64Array(n)) as Float64Array[] as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const h = 2 / s;
  const slope = (k: Float64Array, factor: number, out: Float64Array): void => {
    out[0] = x[0]!;
    for (let i = 1; i < n; i++) out[i] = x[i]! * (y[i - 1]! + factor * k[i - 1]!);
  };
  return () => {
    y.fill(0);
    for (let step = 0; step < s; step++) {
      slope(k1, 0, k1);
      slope(k1, h / 2, k2);
      slope(k2, h / 2, k3);
      slope(k3, h, k4);
      for (let i = 0; i < n; i++) y[i]! += h / 6 * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!);
    }
    return y;
  };
}

export function det({ A, ell }: DetInput): () => number {
  const a = Float64Array.from(A);
  const expand = (row: number, columns: number): number => {
    if (row === ell) return 1;
    let sum = 0;
    for (let column = 0, sign = 1; column < ell; column++) {
      if ((columns & (1 << column)) === 0) continue;
      sum += sign * a[row * ell + column]! * expand(row + 1, columns & ~(1 << column));
      sign = -sign;
    }
    return sum;
  };
  return () => expand(0, (1 << ell) - 1);
}

/** Steps of gradient descent with given derivatives, as the eval prescribes them. */
function argmin(
  f: (x: readonly number[]) => number,
  gradient: (x: readonly number[]) => readonly number[],
  start: readonly number[],
): readonly number[] {
  let [x, value, rate, good] = [start, f(start), 1e-5, 0];
  let g = gradient(x);
  while (Math.hypot(...g) > 1e-5) {
    if (good === 10) [rate, good] = [2 * rate, 0];
    const next = x.map((part, i) => part - rate * g[i]!);
    if (Math.hypot(...next.map((part, i) => part - x[i]!)) <= 1e-5) return x;
    const reached = f(next);
    if (reached < value) [x, value, g, good] = [next, reached, gradient(next), good + 1];
    else [rate, good] = [rate / 2, 0];
  }
  return x;
}

/** The particle's landing, `f(w)`; the force is written out. */
export function landing(w: number): number {
  let [x1, x2, v1, v2] = [0, 8, 0.75, 0];
  while (true) {
    let a1 = 0;
    let a2 = 0;
    for (const y2 of [10 - w, 0]) {
      const cube = Math.hypot(x1 - 10, x2 - y2) ** 3;
      a1 += (x1 - 10) / cube;
      a2 += (x2 - y2) / cube;
    }
    x1 += 0.1 * v1;
    x2 += 0.1 * v2;
    if (x2 <= 0) return (x1 - x2 / v2 * v1) ** 2;
    v1 += 0.1 * a1;
    v2 += 0.1 * a2;
  }
}

/** The same descent on central differences of the plain objective. */
export function particle({ w }: { w: number }): () => number {
  const slope = ([w]: readonly number[]): number[] => [(landing(w! + 1e-6) - landing(w! - 1e-6)) / 2e-6];
  return () => argmin(([w]) => landing(w!), slope, [w])[0]!;
}

/** With the derivatives of squares written out. */
export function saddle({ start }: { start: readonly number[] }): () => number[] {
  const height = (x: readonly number[], y: readonly number[]): number =>
    x[0]! ** 2 + x[1]! ** 2 - y[0]! ** 2 - y[1]! ** 2;
  const ridge = (x: readonly number[]): readonly number[] =>
    argmin((y) => -height(x, y), (y) => y.map((part) => 2 * part), start);
  return () => {
    const x = argmin((x) => height(x, ridge(x)), (x) => x.map((part) => 2 * part), start);
    return [...x, ...ridge(x)];
  };
}

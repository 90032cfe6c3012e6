/** Random inputs of every eval, of any size, as GradBench draws them. */

/** Numbers from 0 to 1, the same ones for the same seed. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Draw = () => number;

/** Input of llsq. */
export interface LlsqInput {
  x: number[];
  n: number;
}

/** Input of lse. */
export interface LseInput {
  x: number[];
}

/** Input of gmm. */
export interface GmmInput {
  d: number;
  k: number;
  n: number;
  x: number[][];
  m: number;
  gamma: number;
  alpha: number[];
  mu: number[][];
  q: number[][];
  l: number[][];
}

/** Input of kmeans. */
export interface KmeansInput {
  points: number[][];
  centroids: number[][];
}

/** Input of ba. */
export interface BaInput {
  n: number;
  m: number;
  p: number;
  cam: number[];
  x: number[];
  w: number;
  feat: number[];
}

/** Input of lstm. */
export interface LstmInput {
  main_params: number[][];
  extra_params: number[][];
  state: number[][];
  sequence: number[][];
}

/** Input of ode. */
export interface OdeInput {
  x: number[];
  s: number;
}

/** Input of det. */
export interface DetInput {
  A: number[];
  ell: number;
}

/** Input of ht. */
export interface HtInput {
  theta: number[];
  us: number[][];
  data: {
    correspondences: number[];
    points: number[][];
    model: {
      bone_count: number;
      bone_names: string[];
      parents: number[];
      base_relatives: number[][][];
      inverse_base_absolutes: number[][][];
      base_positions: number[][];
      weights: number[][];
      triangles: number[][];
      is_mirrored: boolean;
    };
  };
}

function vector(length: number, draw: Draw): number[] {
  return Array.from({ length }, draw);
}

function matrix(rows: number, columns: number, draw: Draw): number[][] {
  return Array.from({ length: rows }, () => vector(columns, draw));
}

function normal(draw: Draw): Draw {
  return () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

const symmetric = (draw: Draw): Draw => () => 2 * draw() - 1;

export function llsqInput({ n, m }: { n: number; m: number }, draw: Draw): LlsqInput {
  return { x: vector(m, symmetric(draw)), n };
}

export function lseInput({ n }: { n: number }, draw: Draw): LseInput {
  return { x: vector(n, () => 10 * draw() - 5) };
}

export function gmmInput({ n, d, k }: { n: number; d: number; k: number }, draw: Draw): GmmInput {
  const wide = normal(draw);
  return {
    d,
    k,
    n,
    x: matrix(n, d, wide),
    m: 0,
    gamma: 1,
    alpha: vector(k, wide),
    mu: matrix(k, d, draw),
    q: matrix(k, d, wide),
    l: matrix(k, d * (d - 1) / 2, wide),
  };
}

export function kmeansInput({ n, d, k }: { n: number; d: number; k: number }, draw: Draw): KmeansInput {
  const points = matrix(n, d, symmetric(draw));
  return { points, centroids: points.slice(0, k).map((row) => row.map((x) => x + 1e-3 * draw())) };
}

export function baInput({ n, m, p }: { n: number; m: number; p: number }, draw: Draw): BaInput {
  const near = symmetric(draw);
  return {
    n,
    m,
    p,
    cam: [
      ...vector(3, near),
      ...vector(3, () => 30 + near()),
      400 + near(),
      ...vector(2, near),
      0.1 * near(),
      0.01 * near(),
    ],
    x: vector(3, () => 5 * near()),
    w: draw(),
    feat: vector(2, () => 100 * near()),
  };
}

export function lstmInput({ l, c, b }: { l: number; c: number; b: number }, draw: Draw): LstmInput {
  return {
    main_params: matrix(2 * l, 4 * b, draw),
    extra_params: matrix(3, b, draw),
    state: matrix(2 * l, b, draw),
    sequence: matrix(c, b, () => draw() < 0.5 ? 0 : 1),
  };
}

const PARENTS = [-1, 0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15, 0, 17, 18, 19, 0];

/** A hand of 22 bones; each vertex follows two of them. */
export function htInput(
  { v, c, hasUs, isMirrored = false }: { v: number; c: number; hasUs: boolean; isMirrored?: boolean },
  draw: Draw,
): HtInput {
  const near = symmetric(draw);
  const bones = PARENTS.length;
  const below = (end: number): number => Math.floor(end * draw());
  const transformation = (): number[][] => [...matrix(3, 4, near), [0, 0, 0, 1]];
  const weights = Array.from({ length: v }, () => {
    const row = new Array<number>(bones).fill(0);
    const share = draw();
    row[below(bones)]! += share;
    row[below(bones)]! += 1 - share;
    return row;
  });
  return {
    theta: vector(26, near),
    us: hasUs ? matrix(c, 2, draw) : [],
    data: {
      correspondences: vector(c, () => below(v)),
      points: matrix(c, 3, near),
      model: {
        bone_count: bones,
        bone_names: PARENTS.map((_, i) => `bone${i}`),
        parents: PARENTS,
        base_relatives: Array.from({ length: bones }, transformation),
        inverse_base_absolutes: Array.from({ length: bones }, transformation),
        base_positions: Array.from({ length: v }, () => [...vector(3, near), 1]),
        weights,
        triangles: matrix(v, 3, () => below(v)),
        is_mirrored: isMirrored,
      },
    },
  };
}

export function odeInput({ n, s }: { n: number; s: number }, draw: Draw): OdeInput {
  return { x: vector(n, draw), s };
}

export function detInput({ ell }: { ell: number }, draw: Draw): DetInput {
  return { A: vector(ell * ell, symmetric(draw)), ell };
}

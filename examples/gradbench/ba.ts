// Every residual depends on one camera, one point and one weight only: a sparse Jacobian of p blocks of 2 by 15.
// Written over many observations at once, each of the 15 numbers is a vector, and the sum of one residual over the
// observations has all of its rows as its gradient: two walks back. They are recorded and compiled once, for a
// piece of the observations that fits into the processor's cache, and run for one piece after the other.
import { compile, constant, grad, stack, type Variable, where } from "../../mod.ts";
import type { Evaluation } from "./evaluation.ts";
import { Input } from "./input.ts";

/** Numbers of a camera: rotation (3), centre (3), focal length, principal point (2), radial distortion (2). */
const CAMERA = 11;
/** Observations that are done at the same time. */
const PIECE = 4096;
/** Numbers that a residual depends on. */
const BLOCK = CAMERA + 4;

type Vector = readonly [Variable, Variable, Variable];

/** Cameras, points, weights and features, each number of all observations in one vector. */
interface Observed {
  readonly camera: readonly Variable[];
  readonly point: readonly Variable[];
  readonly weight: Variable;
}

/** Two numbers of all observations. */
type Pair = readonly [Variable, Variable];

/** The scene: n cameras, m points, p weights and p features. */
interface Scene {
  readonly n: number;
  readonly m: number;
  readonly p: number;
  readonly cameras: Float64Array;
  readonly points: Float64Array;
  readonly weights: Float64Array;
  readonly features: Float64Array;
}

const dot = (a: Vector, b: Vector): Variable => a[0].mul(b[0]).add(a[1].mul(b[1])).add(a[2].mul(b[2]));

const cross = (a: Vector, b: Vector): Vector => [
  a[1].mul(b[2]).sub(a[2].mul(b[1])),
  a[2].mul(b[0]).sub(a[0].mul(b[2])),
  a[0].mul(b[1]).sub(a[1].mul(b[0])),
];

/** A vector turned by a rotation vector, after Rodrigues. */
function rotate(r: Vector, y: Vector): Vector {
  const square = dot(r, r);
  const isNone = square.eq(0);
  // No derivative of a root of 0: where there is no rotation, that side is not taken.
  const angle = isNone.where(1, square).sqrt();
  const axis = r.map((component) => component.div(angle)) as unknown as Vector;
  const cosine = angle.cos();
  const sine = angle.sin();
  const along = dot(axis, y).mul(cosine.neg().add(1));
  const turned = cross(axis, y);
  const little = cross(r, y);
  return y.map((component, i) =>
    where(
      isNone,
      component.add(little[i]!),
      component.mul(cosine).add(turned[i]!.mul(sine)).add(axis[i]!.mul(along)),
    )
  ) as unknown as Vector;
}

/** Both reprojection errors of every observation. */
function reprojectionErrors({ camera, point, weight }: Observed, features: Pair): Pair {
  const [focus, u0, v0, k1, k2] = camera.slice(6);
  const seen = point.map((x, i) => x.sub(camera[3 + i]!)) as unknown as Vector;
  const [z1, z2, z3] = rotate(camera.slice(0, 3) as unknown as Vector, seen);
  const e1 = z1.div(z3);
  const e2 = z2.div(z3);
  const radius = e1.square().add(e2.square());
  const scale = k2!.mul(radius).add(k1!).mul(radius).add(1).mul(focus!);
  return [
    e1.mul(scale).add(u0!).sub(features[0]).mul(weight),
    e2.mul(scale).add(v0!).sub(features[1]).mul(weight),
  ];
}

function weightErrors(weight: Variable): Variable {
  return weight.square().neg().add(1);
}

/** All errors: two of each observation, and one of each weight. */
function errors(observed: Observed, features: Pair): [...Pair, Variable] {
  return [...reprojectionErrors(observed, features), weightErrors(observed.weight)];
}

/** The rows of both reprojection errors, `[observations, 2, 15]`, and the derivatives of the weight errors. */
function derivatives(observed: Observed, features: Pair): [blocks: Variable, weights: Variable] {
  const rows = [0, 1].flatMap((k) => {
    const total = (o: Observed): Variable => reprojectionErrors(o, features)[k]!.sum();
    const { camera, point, weight } = grad(total)(observed);
    return [...camera, ...point, weight];
  });
  const weights = grad((w: Variable) => weightErrors(w).sum())(observed.weight);
  return [stack(rows, { axis: 1 }), weights];
}

/**
 * What a piece of the observations depends on: camera `i mod n`, point `i mod m`, weight and feature i. A piece
 * that reaches beyond the last one goes on with the first.
 */
function observe(scene: Scene, start: number): [Observed, Pair] {
  const { n, m, p } = scene;
  const columns = (table: Float64Array, rows: number): Variable[] => {
    const width = table.length / rows;
    const vectors = Array.from({ length: width }, () => new Float64Array(Math.min(PIECE, p)));
    vectors.forEach((vector, column) => {
      for (let i = 0, at = (start % rows) * width + column; i < vector.length; i++, at += width) {
        if (at >= table.length) at = column;
        vector[i] = table[at]!;
      }
    });
    return vectors.map((vector) => constant(vector));
  };
  const [weight] = columns(scene.weights, p) as [Variable];
  const [u, v] = columns(scene.features, p) as [Variable, Variable];
  return [{ camera: columns(scene.cameras, n), point: columns(scene.points, m), weight }, [u, v]];
}

/** Puts the results of a piece into a list of `width` numbers for each observation. */
function place(list: Float64Array, values: Variable, start: number, width: number): void {
  const { data } = values.toArray();
  const to = list.subarray(start * width);
  to.set(data.length > to.length ? data.subarray(0, to.length) : data);
}

/** All errors: the first of each observation, the second, and those of the weights. */
function allErrors(scene: Scene, f: typeof errors): [Float64Array, Float64Array, Float64Array] {
  const lists = [0, 0, 0].map(() => new Float64Array(scene.p));
  for (let start = 0; start < scene.p; start += PIECE) {
    f(...observe(scene, start)).forEach((part, k) => place(lists[k]!, part, start, 1));
  }
  return lists as [Float64Array, Float64Array, Float64Array];
}

/** What is not 0 in the Jacobian, row after row. */
function allDerivatives(scene: Scene, f: typeof derivatives): Float64Array {
  const { p } = scene;
  const vals = new Float64Array((2 * BLOCK + 1) * p);
  for (let start = 0; start < p; start += PIECE) {
    const [blocks, weights] = f(...observe(scene, start));
    place(vals.subarray(0, 2 * BLOCK * p), blocks, start, 2 * BLOCK);
    place(vals.subarray(2 * BLOCK * p), weights, start, 1);
  }
  return vals;
}

/** Where the entries of the Jacobian stand: where each row starts, and the column of each entry. */
function pattern({ n, m, p }: Scene): { rows: Int32Array; cols: Int32Array } {
  const count = 2 * BLOCK * p;
  const cols = new Int32Array(count + p);
  const rows = new Int32Array(3 * p + 1);
  for (let i = 0, at = 0; i < p; i++) {
    for (let k = 1; k <= 2; k++) {
      for (let j = 0; j < CAMERA; j++) cols[at++] = CAMERA * (i % n) + j;
      for (let j = 0; j < 3; j++) cols[at++] = CAMERA * n + 3 * (i % m) + j;
      cols[at++] = CAMERA * n + 3 * m + i;
      rows[2 * i + k] = at;
    }
    cols[count + i] = CAMERA * n + 3 * m + i;
    rows[2 * p + i + 1] = count + i + 1;
  }
  return { rows, cols };
}

/** Repeats the one camera, point, weight and feature of the input. */
function read(input: unknown): Scene {
  const fields = new Input(input);
  const [n, m, p] = ["n", "m", "p"].map((name) => fields.integer(name, 1)) as [number, number, number];
  const repeat = (values: ArrayLike<number>, count: number): Float64Array => {
    const all = new Float64Array(values.length * count);
    for (let i = 0; i < count; i++) all.set(values, i * values.length);
    return all;
  };
  return {
    n,
    m,
    p,
    cameras: repeat(fields.vector("cam", CAMERA), n),
    points: repeat(fields.vector("x", 3), m),
    weights: repeat([fields.number("w")], p),
    features: repeat(fields.vector("feat", 2), p),
  };
}

/** The first entries of a list and its last. */
function excerpt(list: Float64Array | Int32Array): number[] {
  return [...list.subarray(0, 2 * BLOCK), list[list.length - 1]!];
}

export const ba: Evaluation = {
  objective: (input) => {
    const scene = read(input);
    const f = compile(errors);
    return () => {
      const [first, second, weights] = allErrors(scene, f);
      return {
        reproj_error: { elements: [first[0]!, second[0]!], repeated: scene.p },
        w_err: { element: weights[0]!, repeated: scene.p },
      };
    };
  },
  jacobian: (input) => {
    const scene = read(input);
    const f = compile(derivatives);
    return () => {
      const vals = allDerivatives(scene, f);
      const { rows, cols } = pattern(scene);
      return { rows: excerpt(rows), cols: excerpt(cols), vals: excerpt(vals) };
    };
  },
};

/** Good arguments for the transforms, and for what makes Variables and walks trees. */
import * as t from "../../../mod.ts";
import { NdArray, type Variable } from "../../../mod.ts";
import { probe, type Probes } from "./probe.ts";

type Call = (...args: never[]) => unknown;
type Curried = (f: never, options?: never) => (...args: unknown[]) => unknown;

// Functions rather than methods, so that what they are given by mistake is answered by the package.
const cube = (x: Variable): Variable => t.sum(t.pow(x, 3));
const cubeWith = (x: Variable): [Variable, number] => [cube(x), 1];
const squares = (x: Variable): Variable => t.square(x);
const squaresWith = (x: Variable): [Variable, number] => [squares(x), 1];
const vector = (): number[] => [1, 2];
const tree = (): unknown => ({ w: [1, 2], b: 3 });

/** A transform's own arguments, with its function called on a vector. */
const making = (transform: unknown, f: unknown, options?: Record<string, unknown>) =>
  probe(
    ((f: never, options: never) => (transform as Curried)(f, options)(vector(), vector())) as Call,
    () => options === undefined ? [f] : [f, options],
  );

/** The arguments of what a transform gives. */
const using = (made: unknown, args: () => readonly unknown[]) => probe(made as Call, args);

/** By name; what stands after an arrow is the function that was made. */
export const transforms: Probes = {
  grad: making(t.grad, cubeWith, { argnums: [0], hasAux: true }),
  "grad(f)": using(t.grad(cube), () => [vector()]),
  valueAndGrad: making(t.valueAndGrad, cubeWith, { argnums: 0, hasAux: true }),
  "valueAndGrad(f)": using(t.valueAndGrad(cube), () => [vector()]),
  hessian: making(t.hessian, cubeWith, { argnums: [0], hasAux: true }),
  "hessian(f)": using(t.hessian(cube), () => [vector()]),
  hvp: making(t.hvp, cubeWith, { hasAux: true }),
  "hvp(f)": using(t.hvp(cube), () => [vector(), vector()]),
  jacobian: making(t.jacobian, squaresWith, { argnums: [0], hasAux: true }),
  "jacobian(f)": using(t.jacobian(squares), () => [vector()]),
  jacobianForward: making(t.jacobianForward, squaresWith, { argnums: 0, hasAux: true }),
  "jacobianForward(f)": using(t.jacobianForward(squares), () => [vector()]),
  jacobianReverse: making(t.jacobianReverse, squaresWith, { argnums: 0, hasAux: true }),
  "jacobianReverse(f)": using(t.jacobianReverse(squares), () => [vector()]),
  jacobianSparse: making(t.jacobianSparse, squares, { pattern: { rows: [0, 1], columns: [0, 1] } }),
  "jacobianSparse: rows and columns": probe(
    ((rows: never, columns: never) =>
      t.jacobianSparse(squares, { pattern: { rows, columns } })(vector())) as Call,
    () => [[0, 1], [0, 1]],
  ),
  "jacobianSparse(f)": using(t.jacobianSparse(squares as never), () => [vector()]),
  "jacobianSparse(f).toDense": probe(
    () => (t.jacobianSparse(squares as never) as (x: unknown) => t.SparseJacobian)(vector()).toDense(),
    () => [],
  ),
  jvp: probe(
    ((f: never, options: never) => (t.jvp as Call as Curried)(f, options)([vector()], [vector()])) as Call,
    () => [squaresWith, { argnums: [0], hasAux: true }],
  ),
  "jvp(f)": using(t.jvp(squares), () => [[vector()], [vector()]]),
  vjp: probe(
    ((f: never, options: never) => {
      const [, pullback] = (t.vjp as Call as Curried)(f, options)(vector()) as [
        unknown,
        (c: unknown) => unknown,
      ];
      return pullback(vector());
    }) as Call,
    () => [squaresWith, { argnums: [0], hasAux: true }],
  ),
  "vjp(f)": using(t.vjp(squares), () => [vector()]),
  "vjp(f): pullback": probe(
    ((c: never) => t.vjp(squares)(vector() as never)[1](c)) as Call,
    () => [vector()],
  ),
  linearize: making(t.linearize, squares),
  "linearize(f): tangent": probe(
    ((c: never) => t.linearize(squares)(vector() as never)[1](c)) as Call,
    () => [vector()],
  ),
  vmap: making(t.vmap, (x: Variable, y: Variable) => x.add(y), { inAxes: [0, 0], outAxes: 0 }),
  "vmap(f)": using(t.vmap(squares), () => [vector()]),
  useBlas: probe(t.useBlas, () => [false]),
  compile: probe(
    ((f: never, options: never) => (t.compile as Curried)(f, options)(vector(), 2)) as Call,
    () => [squares, {
      staticArgnums: [1],
      donate: [0],
      cacheSize: 4,
      target: "wasm",
      threads: 1,
      blas: false,
    }],
  ),
  "compile(f)": using(t.compile(squares), () => [vector()]),
  "compile(f).lower": using(t.compile(squares).lower, () => [vector()]),
  "compile(f).loop": probe(
    ((state: never, x: never) =>
      t.compile((s: Variable, x: Variable) => [t.add(s, x), s] as const, { donate: [0] }).loop(state).next(
        x,
      )) as Call,
    () => [vector(), vector()],
  ),
  "compile(f).loop: withState": probe(
    ((f: never) =>
      t.compile((s: Variable, x: Variable) => [t.add(s, x), s] as const, { donate: [0] }).loop(
        vector() as never,
      )
        .withState(f)) as Call,
    () => [(s: unknown) => s],
  ),
  checkpoint: probe(
    ((f: never) => (t.checkpoint as Curried)(f)(t.variable([1, 2]))) as Call,
    () => [squares],
  ),
  "checkpoint(f)": using(t.checkpoint(squares), () => [t.variable([1, 2])]),
  checkpointLoop: probe(
    t.checkpointLoop as Call,
    () => [(s: Variable) => t.mul(s, 2), t.variable([1, 2]), 3],
    {
      skips: ["1e10", "2 ** 53"],
    },
  ),
  customJvp: probe(
    ((f: never, rule: never) =>
      t.jvp(t.customJvp(f, rule))([vector()] as never, [vector()] as never)) as Call,
    () => [squares, ([x]: [Variable], [d]: [Variable]) => [x.square(), x.mul(d).mul(2)]],
  ),
  customVjp: probe(
    ((f: never, rules: never) =>
      t.grad((x: Variable) => t.customVjp(f, rules)(x as never) as never)(3)) as Call,
    () => [squares, {
      forward: (x: Variable) => [x.square(), x],
      backward: (x: Variable, g: Variable) => [g.mul(x).mul(2)],
    }],
  ),
  scan: probe(
    t.scan as Call,
    () => [(s: Variable, x: Variable) => [t.add(s, x), t.mul(s, x)], [0, 0], [[1, 2], [3, 4]]],
  ),
  whileLoop: probe(
    ((proceed: never, step: never, init: never) => t.whileLoop(proceed, step)(init)) as Call,
    () => [(s: Variable) => t.lt(s, 4), (s: Variable) => t.add(s, 1), t.constant(0)],
  ),
  debugNans: probe(((on: never) => t.debugNans(on)[Symbol.dispose]()) as Call, () => [true]),
  variable: probe(t.variable as Call, () => [vector(), { name: "x", dtype: "float32", trainable: true }]),
  constant: probe(t.constant as Call, () => [vector(), { name: "x", dtype: "float32" }]),
  stopGradient: probe(t.stopGradient as Call, () => [t.variable([1, 2])]),
  noGrad: probe(t.noGrad as Call, () => [() => 1]),
  mapTree: probe(t.mapTree as Call, () => [tree(), (leaf: unknown) => leaf, Array.isArray], {
    takes: ["argument 0", "argument 1", "argument 2"],
  }),
  mapTrees: probe(t.mapTrees as Call, () => [(a: unknown) => a, tree(), tree()], {
    takes: ["argument 0", "argument 1", "argument 2"],
  }),
  flattenTree: probe(t.flattenTree as Call, () => [tree(), Array.isArray], {
    takes: ["argument 0", "argument 1", "argument 2"],
  }),
  unflattenTree: probe(t.unflattenTree as Call, () => [tree(), [1, 2, 3], () => false], {
    takes: ["argument 0", "argument 1", "argument 2"],
  }),
  NdArray: probe(
    ((data: never, shape: never) => new NdArray(data, shape).toNested()) as Call,
    () => [new Float64Array(4), [2, 2]],
  ),
  "NdArray.cast": probe(
    ((dtype: never) => new NdArray(new Float64Array(4)).cast(dtype)) as Call,
    () => ["float32"],
  ),
  "NdArray.withShape": probe(
    ((shape: never) => new NdArray(new Float64Array(4)).withShape(shape)) as Call,
    () => [[2, 2]],
  ),
  "Variable.assign": probe(((x: never) => t.variable([1, 2]).assign(x)) as Call, () => [vector()]),
  "Variable.backward": probe(
    ((options: never) => {
      const y = t.variable(1).mul(2);
      try {
        y.backward(options);
      } finally {
        t.tape.clear();
      }
    }) as Call,
    () => [{ retainTape: false }],
  ),
};

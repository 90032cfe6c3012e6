import type { DType } from "../array/dtype.ts";
import type { Value } from "../array/value.ts";
import type { NdArray } from "../array/nd_array.ts";
import type { Expression, ScalarAlgebra } from "../array/elementwise/expression.ts";
import type { Shape } from "../array/shape.ts";
import type { Operation } from "./operation.ts";
import type * as table from "./table.ts";

/** How many operands a primitive takes; `"list"` is a list of any length. */
export type Arity = 1 | 2 | 3 | "list";

type Table = typeof table;

/** The names of all primitives. */
export type PrimitiveName = keyof Table;

/** One value for each operand. */
export type Each<A extends Arity, T> = A extends 1 ? readonly [T]
  : A extends 2 ? readonly [T, T]
  : A extends 3 ? readonly [T, T, T]
  : readonly T[];

type Operands<T, A> = A extends 1 ? [x: T | number]
  : A extends 2 ? [x: T | number, y: T | number]
  : A extends 3 ? [x: T | number, y: T | number, z: T | number]
  : [list: readonly (T | number)[]];

/** The attributes of the operation of a name. */
export type Attributes<K extends PrimitiveName> = Parameters<Table[K]["shape"]>[1];

/**
 * The algebra that rules are written in, over an opaque type `T`: arrays when a derivative is computed at
 * once, Variables when it is recorded to be differentiated again.
 */
export type Ops<T> =
  & {
    readonly [K in PrimitiveName]: (
      ...args: undefined extends Attributes<K> ? Operands<T, Table[K]["arity"]>
        : [...Operands<T, Table[K]["arity"]>, attributes: Attributes<K>]
    ) => T;
  }
  & {
    /** The shape of a value of the algebra. */
    shapeOf(x: T | number): Shape;
    /** Does an operation that is not known by name, as a rule that serves many. */
    apply(operation: Operation, inputs: readonly (T | number)[], attributes: unknown): T;
  };

/** What a rule sees of the row it differentiates. */
export interface RuleContext<T, B> {
  /** The operation of the row. */
  readonly operation: Operation;
  /** The operations to compute with. */
  readonly ops: Ops<T>;
  /** The first operand. */
  readonly x: T;
  /** The second operand; only there where the primitive has two. */
  readonly y: T;
  /** All operands. */
  readonly inputs: readonly T[];
  /** The result of the row. */
  readonly output: T;
  /** The attributes of the row: axes, shapes and the like. */
  readonly attributes: B;
  /** The shapes of the operands. */
  readonly shapes: readonly Shape[];
  /** The shape of the result. */
  readonly shape: Shape;
}

/**
 * The part of a derivative that belongs to operand `k`. As a vjp rule it takes the cotangent of the result
 * and gives that of the operand, which the engine then sums over broadcast axes; as a jvp rule it takes the
 * tangent of the operand and gives that of the result, which the engine then broadcasts.
 */
export type Rule<B> = <T>(context: RuleContext<T, B>, cotangentOrTangent: T, k: number) => T;

/** Rules of an operation whose operands' derivatives share work: they serve all operands at once. */
export interface JointRules<B> {
  /**
   * The cotangents of the operands; undefined where there is none.
   *
   * @param wanted The operands of which the cotangent is asked for
   */
  vjp<T>(context: RuleContext<T, B>, cotangent: T, wanted: readonly boolean[]): readonly (T | undefined)[];
  /** The tangent of the result, from those of the operands; undefined where there is none. */
  jvp<T>(context: RuleContext<T, B>, tangents: readonly (T | undefined)[]): T | undefined;
}

/** What a batching rule sees: a row of which some operands have a leading batch axis. */
export interface BatchContext<T, B> {
  /** The operation of the row. */
  readonly operation: Operation;
  /** The operations to compute with. */
  readonly ops: Ops<T>;
  /** All operands; those marked in {@linkcode batched} have a leading axis of length {@linkcode size}. */
  readonly inputs: readonly T[];
  /** Which operands have the batch axis; at least one does. */
  readonly batched: readonly boolean[];
  /** The number of examples. */
  readonly size: number;
  /** The attributes of the row, as for one example. */
  readonly attributes: B;
  /** The shapes of the operands, of one example. */
  readonly shapes: readonly Shape[];
  /** The shape of the result, of one example. */
  readonly shape: Shape;
}

/** Computes a row for all examples at once; the result has the leading batch axis. */
export type BatchRule<B> = <T>(context: BatchContext<T, B>) => T;

/** Shapes and parameters with which the table tests exercise a primitive. */
export interface Sample<B> {
  /** The shapes of the operands. */
  readonly shapes: readonly Shape[];
  /** The range each operand is drawn from; by default -2 to 2. */
  readonly domains?: readonly (readonly [low: number, high: number])[];
  /** Integer operands, drawn from their domain's integers. */
  readonly integers?: readonly number[];
  /** What is added to the diagonals of the first operand's matrices, to make them invertible or the like. */
  readonly diagonal?: readonly number[];
  /** The attributes, where the primitive has any. */
  readonly attributes?: B;
}

/** How an operation is differentiated: operand by operand, forwards and backwards, or all operands at once. */
export type Derivatives<B> =
  | {
    /** One rule for each operand, null where the derivative is zero or undefined. */
    readonly vjp: readonly (Rule<B> | null)[];
    /** The same forwards. */
    readonly jvp: readonly (Rule<B> | null)[];
  }
  | {
    /** One rule for each operand, null where the derivative is zero or undefined. */
    readonly vjp: readonly (Rule<B> | null)[];
    /** Says that the operation is linear in each operand that has a vjp rule: forwards it applies itself. */
    readonly linear: true;
  }
  | {
    /** The rules of all operands. */
    readonly joint: JointRules<B>;
  };

/** One operation: everything that any part of the library knows about it. Its name is its key in the table. */
export type Primitive<A extends Arity, B = undefined> = Derivatives<B> & {
  /** How many operands it takes. */
  readonly arity: A;
  /** The shape of the result; throws a TypeError, in which it names the operation, for operands that do not fit. */
  shape(shapes: Each<A, Shape>, attributes: B, operation: string): Shape;
  /** Computes the result on plain arrays. */
  forward(inputs: Each<A, Value>, attributes: B, shape: Shape, dtype: DType): Value;
  /**
   * Adds what the vjp rule gives for the first operand to that operand's adjoint in place, where it touches
   * only a part of it: reading one element of a large array then costs one addition on the way back.
   */
  accumulate?(into: NdArray, g: Value, attributes: B, inputs: readonly Value[]): void;
  /** How it runs over a leading batch axis; what has no rule runs once for each example. */
  readonly batch?: BatchRule<B>;
  /** For element-wise primitives: the formula for one element. */
  readonly lower?: (s: ScalarAlgebra, x: Expression, y: Expression, z: Expression) => Expression;
  /**
   * How a vjp rule is written where the rule itself, made for speed or for the edges, reads badly; tests compare the two.
   */
  readonly display?: readonly Rule<B>[];
  /** Operands that hold indices or conditions, which have no say in the dtype of the result. */
  readonly untyped?: readonly number[];
  /** The dtype of the result, where it is not the widest of the operands'. */
  dtype?(attributes: B): DType;
  /** What the table tests run it on. */
  readonly samples: readonly Sample<B>[];
};

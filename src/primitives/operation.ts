import { checkSize } from "../_internal/readers/mod.ts";
import { type DType, promote } from "../array/dtype.ts";
import {
  type ElementwiseKernel,
  elementwiseKernel,
  type ScalarFunction,
  scalarFunction,
} from "../array/elementwise/loops.ts";
import {
  type Expression,
  inputExpression,
  numberExpression,
  scalarAlgebra,
} from "../array/elementwise/expression.ts";
import { SCALAR, type Shape } from "../array/shape.ts";
import { numberOf, shapeOfValue, toValue, type Value } from "../array/value.ts";
import type {
  Arity,
  Attributes,
  Each,
  Ops,
  Primitive,
  PrimitiveName,
  Rule,
  RuleContext,
} from "./primitive.ts";
import * as table from "./table.ts";

export { numberOf, shapeOfValue };

/** A rule of an element-wise operation for one operand, compiled: one pass over g, the operands and the result. */
export class PartialDerivative {
  /** The rule over plain numbers `(g, ...operands, output)`. */
  readonly scalar: ScalarFunction;
  /** The rule as a formula of `(g, ...operands, output)`. */
  readonly formula: Expression;
  readonly #kernel: ElementwiseKernel;
  readonly #reads: readonly boolean[];
  readonly #isIdentity: boolean;

  /** Compiles the formula of a rule over `count` values, of which the first is `g`. */
  constructor(formula: Expression, g: Expression, count: number) {
    const reads = new Array<boolean>(count).fill(false);
    const visit = (e: Expression): void => {
      if (e.operation === "input") reads[e.value] = true;
      e.operands.forEach(visit);
    };
    visit(formula);
    this.formula = formula;
    this.scalar = scalarFunction(formula, count);
    this.#kernel = elementwiseKernel(formula, count);
    this.#reads = reads;
    this.#isIdentity = formula === g;
  }

  /** What a cotangent gives for the operand, or the tangent of the operand for the result. */
  evaluate(g: Value, inputs: readonly Value[], output: Value, dtype: DType): Value {
    if (this.#isIdentity) return g;
    const all = [g, ...inputs, output].map((x, i) => this.#reads[i] ? x : 0);
    const shape = shapeOfValue(output);
    return shape.length === 0 ? this.scalar(...all.map(numberOf)) : this.#kernel(all, shape, dtype);
  }
}

/**
 * A primitive at work: its number on the tape, and the code made from its rules when it is first needed.
 *
 * @typeParam B The attributes that it takes: `apply` asks for them, and {@linkcode is} tells them of a row
 */
export class Operation<out B = unknown> {
  /** There for the compiler of types alone, which tells operations apart by their attributes. */
  declare readonly attributesType?: B;
  /** Its number on the tape. */
  readonly opcode: number;
  /** Its name. */
  readonly name: string;
  /** Its definition. */
  readonly primitive: Primitive<Arity, unknown>;
  /** The formula for plain numbers; null where the primitive is not element-wise. */
  scalar: ScalarFunction | null = null;
  readonly #partials: (PartialDerivative | null | undefined)[] = [];
  readonly #scalarPartials: (ScalarFunction | null | undefined)[] = [undefined, undefined];

  constructor(opcode: number, name: string, primitive: Primitive<Arity, unknown>) {
    this.opcode = opcode;
    this.name = name;
    this.primitive = primitive;
    const { lower, arity } = primitive;
    if (lower !== undefined) {
      this.scalar = (...numbers) => {
        const inputs = [inputExpression(0), inputExpression(1), inputExpression(2)] as const;
        this.scalar = scalarFunction(lower(scalarAlgebra, ...inputs), arity as number);
        return this.scalar(...numbers);
      };
    }
  }

  /** Whether a row or node is of this operation; then its attributes are known. */
  is<R extends { readonly operation: Operation | null; readonly attributes: unknown }>(
    row: R,
  ): row is R & { readonly attributes: B } {
    return row.operation === this;
  }

  /** The shape of the result; throws for operands that do not fit. */
  shape(shapes: readonly Shape[], attributes: unknown): Shape {
    return this.primitive.shape(shapes as Each<"list", Shape>, attributes, this.name);
  }

  /** Whether there is a derivative by operand k. */
  isDifferentiable(k: number): boolean {
    const { primitive } = this;
    if ("joint" in primitive) return !(primitive.untyped?.includes(k) ?? false);
    return this.#vjp(k) !== null;
  }

  /** Computes the result for plain values. The dtype is that of the array operands unless it is given. */
  evaluate(inputs: readonly Value[], attributes: unknown, dtype?: DType): Value {
    const shape = this.shape(inputs.map(shapeOfValue), attributes);
    if (shape.length === 0 && this.scalar !== null) {
      const result = this.scalar(...inputs.map(numberOf));
      return dtype === undefined ? result : toValue(result, dtype);
    }
    checkSize(this.name, shape);
    const type = dtype ?? this.dtypeFor(inputs);
    return toValue(this.primitive.forward(inputs, attributes, shape, type), type);
  }

  /** The dtype of the array operands together; float64 where all are numbers. */
  dtypeFor(inputs: readonly Value[]): DType {
    let dtype: DType | undefined;
    for (let k = 0; k < inputs.length; k++) {
      const input = inputs[k]!;
      if (typeof input === "number" || this.primitive.untyped?.includes(k)) continue;
      dtype = dtype === undefined ? input.dtype : promote(dtype, input.dtype);
    }
    return dtype ?? "float64";
  }

  /** What the rules see of a row of this operation. */
  context<T>(
    ops: Ops<T>,
    inputs: readonly T[],
    output: T,
    attributes: unknown,
    shapes: readonly Shape[] = inputs.map((x) => ops.shapeOf(x)),
    shape: Shape = ops.shapeOf(output),
  ): RuleContext<T, unknown> {
    return { operation: this, ops, x: inputs[0]!, y: inputs[1]!, inputs, output, attributes, shapes, shape };
  }

  /**
   * The cotangents of the operands; undefined where there is none.
   *
   * @param wanted The operands of which the cotangent is asked for
   */
  pullBack<T>(c: RuleContext<T, unknown>, g: T, wanted: readonly boolean[]): readonly (T | undefined)[] {
    const { primitive } = this;
    if ("joint" in primitive) {
      return primitive.joint.vjp(c, g, wanted).map((part, k) => wanted[k] ? part : undefined);
    }
    return wanted.map((asked, k) => asked ? this.#vjp(k)?.(c, g, k) : undefined);
  }

  /** The cotangents of the operands that have one, by rules as they are written for people. */
  display<T>(c: RuleContext<T, unknown>, g: T): readonly (T | undefined)[] {
    const { primitive } = this;
    const wanted = c.inputs.map((_, k) => this.isDifferentiable(k));
    if (primitive.display === undefined) return this.pullBack(c, g, wanted);
    return wanted.map((asked, k) => asked ? (primitive.display![k] ?? this.#vjp(k)!)(c, g, k) : undefined);
  }

  /** The tangent of the result, from those of the operands; undefined where there is none. */
  pushForward<T>(c: RuleContext<T, unknown>, tangents: readonly (T | undefined)[]): T | undefined {
    const { primitive } = this;
    if ("joint" in primitive) return primitive.joint.jvp(c, tangents);
    let total: T | undefined;
    tangents.forEach((tangent, k) => {
      const part = tangent === undefined ? undefined : this.#jvp(k)?.(c, tangent, k);
      if (part !== undefined) total = total === undefined ? part : c.ops.add(total, part);
    });
    return total;
  }

  /**
   * The rule for operand k, compiled to one loop; null where the operation is not element-wise, or has no derivative
   * by it. It serves both ways, as the Jacobian of an element-wise operation is diagonal.
   */
  partial(k: number): PartialDerivative | null {
    const known = this.#partials[k];
    return known === undefined ? this.#partials[k] = this.#compilePartial(k) : known;
  }

  /** The rule for operand k over plain numbers `(g, ...operands, output)`; null as {@linkcode partial} is. */
  scalarPartial(k: number): ScalarFunction | null {
    const known = this.#scalarPartials[k];
    return known === undefined ? this.#scalarPartials[k] = this.partial(k)?.scalar ?? null : known;
  }

  #vjp(k: number): Rule<unknown> | null {
    const { primitive } = this;
    return "joint" in primitive ? null : primitive.vjp[primitive.arity === "list" ? 0 : k] ?? null;
  }

  #jvp(k: number): Rule<unknown> | null {
    const { primitive } = this;
    if ("joint" in primitive) return null;
    if ("linear" in primitive) return this.#vjp(k) === null ? null : applyToTangent;
    return primitive.jvp[primitive.arity === "list" ? 0 : k] ?? null;
  }

  #compilePartial(k: number): PartialDerivative | null {
    const rule = this.#vjp(k);
    if (this.primitive.lower === undefined || rule === null) return null;
    const count = this.primitive.arity as number;
    const inputs = Array.from({ length: count }, (_, i) => inputExpression(i + 1));
    const g = inputExpression(0);
    const formula = rule(this.context(expressionOps, inputs, inputExpression(count + 1), undefined), g, k);
    return new PartialDerivative(formula, g, count + 2);
  }
}

/** The jvp rule of an operation that is linear in operand k. */
function applyToTangent<T>(c: RuleContext<T, unknown>, tangent: T, k: number): T {
  return c.ops.apply(c.operation, c.inputs.map((x, i) => i === k ? tangent : x), c.attributes);
}

/** All operations, by opcode. */
export const operations: readonly Operation[] = Object.entries(table).map(([name, primitive], opcode) =>
  new Operation(opcode, name, primitive as Primitive<Arity, unknown>)
);

/** All operations, by name. */
export const operation: { readonly [K in PrimitiveName]: Operation<Attributes<K>> } = Object.fromEntries(
  operations.map((op) => [op.name, op]),
) as { [K in PrimitiveName]: Operation<Attributes<K>> };

/** Builds an algebra from what applying one operation means in it. */
export function makeOps<T>(
  apply: (operation: Operation, inputs: readonly (T | number)[], attributes: unknown) => T,
  shapeOf: (x: T | number) => Shape,
): Ops<T> {
  const entries = operations.map((op) => {
    const { arity } = op.primitive;
    const call = arity === "list"
      ? (list: readonly T[], attributes: unknown) => apply(op, list, attributes)
      : (...args: unknown[]) => apply(op, args.slice(0, arity) as T[], args[arity]);
    return [op.name, call];
  });
  return Object.fromEntries([...entries, ["shapeOf", shapeOf], ["apply", apply]]) as Ops<T>;
}

/** The algebras of plain values, by the dtype they compute in: rules that use one compute at once. */
export const eagerOps: { readonly [D in DType]: Ops<Value> } = {
  float64: makeOps<Value>(
    (op, inputs, attributes) => op.evaluate(inputs, attributes, "float64"),
    shapeOfValue,
  ),
  float32: makeOps<Value>(
    (op, inputs, attributes) => op.evaluate(inputs, attributes, "float32"),
    shapeOfValue,
  ),
};

/** The algebra of formulas: rules that use it are written down for one element. */
const expressionOps: Ops<Expression> = makeOps<Expression>(
  (op, inputs) => {
    const [x, y, z] = inputs.map((e) => typeof e === "number" ? numberExpression(e) : e);
    return op.primitive.lower!(scalarAlgebra, x!, y!, z!);
  },
  () => SCALAR,
);

import { type DType, promote, roundTo } from "../array/dtype.ts";
import {
  type ElementwiseKernel,
  elementwiseKernel,
  type ScalarFunction,
  scalarFunction,
  type Value,
} from "../array/elementwise/loops.ts";
import {
  type Expression,
  inputExpression,
  numberExpression,
  scalarAlgebra,
} from "../array/elementwise/expression.ts";
import { SCALAR, type Shape } from "../array/shape.ts";
import type { Arity, Ops, Primitive, PrimitiveName, Rule, RuleContext } from "./primitive.ts";
import * as table from "./table.ts";

/** A vjp rule of an element-wise primitive, compiled: one pass over g, the operands and the result. */
export interface PartialDerivative {
  /** The rule over plain numbers `(g, ...operands, output)`. */
  readonly scalar: ScalarFunction;
  /** The rule over arrays, in the same order. */
  readonly kernel: ElementwiseKernel;
  /** Which of those the rule reads. */
  readonly reads: readonly boolean[];
  /** Whether the rule is the cotangent itself. */
  readonly isIdentity: boolean;
}

/** A primitive at work: its number on the tape, and the code made from its rules when it is first needed. */
export class Operation {
  /** Its number on the tape. */
  readonly opcode: number;
  /** Its name. */
  readonly name: string;
  /** Its definition. */
  readonly primitive: Primitive<Arity, unknown>;
  /** The formula for plain numbers; null where the primitive is not element-wise. */
  scalar: ScalarFunction | null = null;
  readonly #partials: (PartialDerivative | undefined)[] = [];

  constructor(opcode: number, primitive: Primitive<Arity, unknown>) {
    this.opcode = opcode;
    this.name = primitive.name;
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

  /** The vjp rule for operand k, or null. */
  vjp(k: number): Rule<unknown> | null {
    const { vjp, arity } = this.primitive;
    return vjp[arity === "list" ? 0 : k] ?? null;
  }

  /** The jvp rule for operand k, or null. */
  jvp(k: number): Rule<unknown> | null {
    const { jvp, arity } = this.primitive;
    return jvp[arity === "list" ? 0 : k] ?? null;
  }

  /** Computes the result for plain values. The dtype is that of the array operands unless it is given. */
  evaluate(inputs: readonly Value[], attributes: unknown, dtype?: DType): Value {
    const shape = this.primitive.shape(inputs.map(shapeOfValue), attributes);
    if (shape.length === 0 && this.scalar !== null) {
      const result = this.scalar(...inputs.map(numberOf));
      return dtype === undefined ? result : roundTo(dtype, result);
    }
    const type = dtype ?? this.dtypeFor(inputs);
    const result = this.primitive.forward(inputs, attributes, shape, type);
    if (typeof result === "number") return roundTo(type, result);
    return shape.length === 0 ? roundTo(type, result.data[0]!) : result.cast(type);
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

  /** The vjp rule of an element-wise primitive for operand k, compiled to one loop; null elsewhere. */
  partial(k: number): PartialDerivative | null {
    if (this.primitive.lower === undefined) return null;
    return this.#partials[k] ??= this.#compilePartial(k);
  }

  #compilePartial(k: number): PartialDerivative {
    const count = this.primitive.arity as number;
    const inputs = Array.from({ length: count }, (_, i) => inputExpression(i + 1));
    const g = inputExpression(0);
    const context: RuleContext<Expression, unknown> = {
      ops: expressionOps,
      x: inputs[0]!,
      y: inputs[1]!,
      inputs,
      output: inputExpression(count + 1),
      attributes: undefined,
      shapes: inputs.map(() => SCALAR),
      shape: SCALAR,
    };
    const expression = this.vjp(k)!(context, g, k);
    const reads = new Array<boolean>(count + 2).fill(false);
    const visit = (e: Expression): void => {
      if (e.operation === "input") reads[e.value] = true;
      e.operands.forEach(visit);
    };
    visit(expression);
    return {
      scalar: scalarFunction(expression, count + 2),
      kernel: elementwiseKernel(expression, count + 2),
      reads,
      isIdentity: expression === g,
    };
  }
}

/** The shape of a plain value. */
export function shapeOfValue(value: Value): Shape {
  return typeof value === "number" ? SCALAR : value.shape;
}

/** The number that a rank-0 value holds. */
export function numberOf(value: Value): number {
  return typeof value === "number" ? value : value.data[0]!;
}

/** All operations, by opcode. */
export const operations: readonly Operation[] = Object.values(table).map((primitive, opcode) =>
  new Operation(opcode, primitive as Primitive<Arity, unknown>)
);

/** All operations, by name. */
export const operation: { readonly [K in PrimitiveName]: Operation } = Object.fromEntries(
  Object.keys(table).map((name) => [name, operations.find((o) => o.name === name)!]),
) as { [K in PrimitiveName]: Operation };

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
  return Object.fromEntries([...entries, ["shapeOf", shapeOf]]) as Ops<T>;
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

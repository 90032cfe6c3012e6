/** How values and rules read in tables. */
import { formatNumber, formatShape } from "../_internal/format.ts";
import type { DType } from "../array/dtype.ts";
import { SCALAR, type Shape } from "../array/shape.ts";
import { shapeOfValue, type Value } from "../array/value.ts";
import { makeOps, type Operation, operation as op, type Ops } from "../primitives/mod.ts";

/**
 * What a rule makes of the values of a row, written down: rules are generic in their algebra, and in this one each
 * operation is kept with its value.
 */
export interface Formula {
  /** The operation; null for a leaf. */
  readonly operation: Operation | null;
  /** What it is applied to. */
  readonly operands: readonly Formula[];
  readonly attributes: unknown;
  readonly value: Value;
  /** The name of a leaf; a number that a rule writes has none. */
  readonly name: string | undefined;
}

/** A leaf with a name. */
export function namedFormula(name: string, value: Value): Formula {
  return { operation: null, operands: [], attributes: undefined, value, name };
}

/** The cotangent 1 of a number: a product with it is the other factor. */
export const UNIT: Formula = namedFormula("1", 1);

function literal(value: number): Formula {
  return { ...UNIT, value, name: undefined };
}

const rankOf = (x: Formula): number => shapeOfValue(x.value).length;

const isNumber = (x: Formula, value: number): boolean =>
  x === UNIT ? value === 1 : x.operation === null && x.name === undefined && x.value === value;

/** The algebra of formulas, by the dtype that their values are computed in. */
export function formulaOps(dtype: DType): Ops<Formula> {
  return makeOps<Formula>(
    (operation, inputs, attributes) =>
      applyTo(operation, inputs.map((x) => typeof x === "number" ? literal(x) : x), attributes, dtype),
    (x): Shape => typeof x === "number" ? SCALAR : shapeOfValue(x.value),
  );
}

function applyTo(
  operation: Operation,
  operands: readonly Formula[],
  attributes: unknown,
  dtype: DType,
): Formula {
  const [x, y, z] = operands as readonly [Formula, Formula, Formula];
  // Of a choice that is made, only what was chosen is read.
  if (operation === op.where && typeof x.value === "number") return x.value !== 0 ? y : z;
  if (operation === op.mul) {
    if (isNumber(x, 1)) return y;
    if (isNumber(y, 1)) return x;
  }
  if (operation === op.div && isNumber(y, 1)) return x;
  // A number fills any shape: that it was given axes of size 1 before need not be read.
  if (operation === op.broadcastTo && x.operation === op.reshape && rankOf(x.operands[0]!) === 0) {
    return applyTo(operation, x.operands, attributes, dtype);
  }
  const value = operation.evaluate(operands.map((o) => o.value), attributes, dtype);
  return { operation, operands, attributes, value, name: undefined };
}

/** Operators between two operands, and how strongly they bind. */
const INFIX: { readonly [name: string]: readonly [symbol: string, strength: number] } = {
  eq: ["=", 0],
  ne: ["≠", 0],
  lt: ["<", 0],
  le: ["≤", 0],
  gt: [">", 0],
  ge: ["≥", 0],
  add: ["+", 1],
  sub: ["-", 1],
  mul: ["·", 2],
  div: ["/", 2],
};
const NEGATION = 2;
const POWER = 4;
const ATOM = 5;

interface Text {
  readonly text: string;
  readonly strength: number;
}

/**
 * Writes a formula: operators as in mathematics, other operations as calls.
 *
 * @param writeLeaf How a leaf reads; one that begins with a minus is put in brackets where it needs them. The number pi is
 * written as such
 */
export function writeFormula(formula: Formula, writeLeaf: (leaf: Formula) => string): string {
  const write = (f: Formula): Text => {
    if (f.operation === null) {
      const text = f === UNIT ? "1" : isNumber(f, Math.PI) ? "π" : writeLeaf(f);
      // Several elements side by side read as one thing where they stand in a product, and not in a power.
      return { text, strength: text.startsWith("-") || text.includes(" ") ? NEGATION : ATOM };
    }
    const parts = f.operands.map(write);
    const [x, y] = parts as [Text, Text];
    const { name } = f.operation;
    const infix = INFIX[name];
    if (infix !== undefined) {
      const [symbol, strength] = infix;
      const isOneSided = name === "sub" || name === "div" || strength === 0;
      const right = y.text.startsWith("-") || y.strength < strength ||
        (isOneSided && y.strength === strength);
      const left = x.strength < strength || (strength === 0 && x.strength === 0);
      return { text: `${brackets(x, left)} ${symbol} ${brackets(y, right)}`, strength };
    }
    if (name === "neg") return { text: `-${brackets(x, x.strength <= NEGATION)}`, strength: NEGATION };
    if (name === "square") return { text: `${brackets(x, x.strength < ATOM)}^2`, strength: POWER };
    if (name === "pow") {
      return { text: `${brackets(x, x.strength < ATOM)}^${brackets(y, y.strength < ATOM)}`, strength: POWER };
    }
    if (name === "reciprocal") return { text: `1 / ${brackets(x, x.strength <= NEGATION)}`, strength: 2 };
    return { text: `${name}(${writeOperands(f, parts).join(", ")})`, strength: ATOM };
  };
  return write(formula).text;
}

/**
 * The operands of a call, and what else tells one such call from another: which operand of a matrix product is read
 * transposed, a shape, and lists of whole numbers, such as axes if they are not all.
 */
function writeOperands({ attributes, operands }: Formula, parts: readonly Text[]): string[] {
  const { transposeX, transposeY } = (attributes ?? {}) as { transposeX?: unknown; transposeY?: unknown };
  const texts = parts.map(({ text }, k) =>
    (k === 0 && transposeX === true) || (k === 1 && transposeY === true) ? `transpose(${text})` : text
  );
  const rank = rankOf(operands[0]!);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === "axis" && rank > 1) texts.push(`axis ${value}`);
    if (!Array.isArray(value) || !value.every(Number.isInteger)) continue;
    if (name === "shape") texts.push(formatShape(value));
    else if (name !== "axes" || !isPlain(value, rank)) texts.push(`${name} ${formatShape(value)}`);
  }
  return texts;
}

/** Whether axes are all there are, in order or, as a transpose takes them, turned around. */
function isPlain(axes: readonly number[], rank: number): boolean {
  return axes.length === rank &&
    (axes.every((axis, i) => axis === i) || axes.every((axis, i) => axis === rank - 1 - i));
}

function brackets({ text }: Text, needed: boolean): string {
  return needed ? `(${text})` : text;
}

/** How a value reads in a table: the number, or the shape and the first elements. */
export function printValue(value: Value, digits = 6): string {
  if (typeof value === "number") return formatNumber(value, digits);
  const shown = Array.from(value.data.subarray(0, 3), (x) => formatNumber(x, digits)).join(" ");
  return `${formatShape(value.shape)} ${shown}${value.size > 3 ? " …" : ""}`;
}

/**
 * The language of the explorer: formulas such as `h = w*x + b; h * sigmoid(h)`. A letter that is used stands for a number
 * that can be changed; a named array of numbers, `x = [1, 2];`, is a variable with these elements.
 */
import * as tapegrad from "../../../mod.ts";
import { constant, type NestedNumbers, type Variable, variable } from "../../../mod.ts";

/** A formula that was read. */
export type Formula =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "array"; readonly elements: readonly NestedNumbers[] }
  | {
    readonly kind: "call";
    readonly name: string;
    readonly operands: readonly Formula[];
    readonly at: number;
  };

/** A program: names for parts, then the formula of f. */
export interface Program {
  readonly parts: readonly { readonly name: string; readonly formula: Formula }[];
  readonly result: Formula;
  /** The names that stand for numbers that can be changed, in the order in which they are met. */
  readonly variables: readonly string[];
  /** Where the formula of f begins. */
  readonly at: number;
}

/** A text that is no program, with the place of the fault. */
export class FormulaError extends SyntaxError {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** Functions that may be called, with the number of their operands. */
export const FUNCTIONS: { readonly [name: string]: number } = Object.fromEntries([
  ..."abs acos acosh asin asinh atan atanh cbrt cos cosh erf erfc exp expm1 floor gelu lgamma log log1p log2 log10 logSigmoid mish neg reciprocal relu round rsqrt selu sigmoid sign silu sin sinc sinh softplus softsign sqrt square tan tanh"
    .split(" ").map((name) => [name, 1]),
  ..."cumSum determinant inverse logSoftmax logSumExp max mean min norm prod softmax sum trace transpose"
    .split(" ").map((name) => [name, 1]),
  ..."add atan2 div dot hypot matmul maximum minimum mul outer pow solve sub".split(" ").map((
    name,
  ) => [name, 2]),
]);

const NUMBERS: { readonly [name: string]: number } = { pi: Math.PI, e: Math.E };
const OPERATORS: { readonly [symbol: string]: readonly [name: string, strength: number] } = {
  "+": ["add", 1],
  "-": ["sub", 1],
  "*": ["mul", 2],
  "·": ["mul", 2],
  "×": ["mul", 2],
  "/": ["div", 2],
};

/**
 * Reads a program.
 *
 * @throws {FormulaError} If it is none
 */
export function parse(text: string): Program {
  const tokens = [
    ...text.matchAll(/\s*(?:(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|([a-zA-Z_]\w*)|(\S))/gi),
  ]
    .map((match) => ({
      text: match[0].trim(),
      at: match.index + match[0].length - match[0].trim().length,
      isNumber: match[1] !== undefined,
      isName: match[2] !== undefined,
    }));
  let next = 0;
  const peek = (): string | undefined => tokens[next]?.text;
  const fail = (message: string, at = tokens[next]?.at ?? text.length): never => {
    throw new FormulaError(message, at);
  };
  const variables: string[] = [];
  const defined = new Set<string>();

  const sum = (strength = 1): Formula => {
    let left = unary();
    for (;;) {
      const [name, binds] = OPERATORS[peek() ?? ""] ?? ["", 0];
      if (binds < strength || binds === 0) return left;
      const { at } = tokens[next++]!;
      left = { kind: "call", name, operands: [left, sum(binds + 1)], at };
    }
  };
  const unary = (): Formula => {
    if (peek() !== "-") return power();
    const { at } = tokens[next++]!;
    const operand = unary();
    if (operand.kind === "number") return { kind: "number", value: -operand.value };
    return { kind: "call", name: "neg", operands: [operand], at };
  };
  const power = (): Formula => {
    const base = atom();
    if (peek() !== "^") return base;
    const { at } = tokens[next++]!;
    return { kind: "call", name: "pow", operands: [base, unary()], at };
  };
  const atom = (): Formula => {
    const token = tokens[next];
    if (token === undefined) return fail("something is missing at the end");
    next++;
    if (token.isNumber) return { kind: "number", value: Number(token.text) };
    if (token.text === "[") return array(token.at);
    if (token.text === "(") {
      const inner = sum();
      if (peek() !== ")") fail("a bracket is not closed");
      next++;
      return inner;
    }
    if (!token.isName) return fail(`"${token.text}" can't stand here`, token.at);
    if (peek() === "(") return call(token.text, token.at);
    if (token.text in NUMBERS) return { kind: "number", value: NUMBERS[token.text]! };
    if (token.text in FUNCTIONS) return fail(`${token.text} is a function: write ${token.text}(…)`, token.at);
    if (!defined.has(token.text) && !variables.includes(token.text)) variables.push(token.text);
    return { kind: "name", name: token.text };
  };
  const call = (name: string, at: number): Formula => {
    const count = FUNCTIONS[name];
    if (count === undefined) {
      const near = nearest(name, Object.keys(FUNCTIONS));
      fail(`there is no function "${name}"${near === undefined ? "" : `, perhaps "${near}"`}`, at);
    }
    const operands: Formula[] = [];
    do {
      next++;
      operands.push(sum());
    } while (peek() === ",");
    if (peek() !== ")") fail("a bracket is not closed");
    next++;
    if (operands.length !== count) fail(`${name} takes ${count === 1 ? "one operand" : "two operands"}`, at);
    return { kind: "call", name, operands, at };
  };
  /** An array whose bracket is open: its elements are formulas, and numbers alone make up a literal. */
  const array = (at: number): Formula => {
    const list: Formula[] = [];
    for (;;) {
      const start = tokens[next]?.at;
      const element = sum();
      list.push(element);
      if (isLiteral(element) && isLiteral(list[0]!) && shapeText(element) !== shapeText(list[0]!)) {
        fail("the rows of an array must be equally long", start);
      }
      if (peek() !== ",") break;
      next++;
    }
    if (peek() === undefined) fail("an array is not closed", at);
    if (peek() !== "]") fail('a "," or "]" is missing');
    next++;
    if (!list.every(isLiteral)) return { kind: "call", name: "stack", operands: list, at };
    return {
      kind: "array",
      elements: list.map((each) => each.kind === "number" ? each.value : each.elements),
    };
  };

  const parts: { name: string; formula: Formula }[] = [];
  while (tokens[next]?.isName && tokens[next + 1]?.text === "=") {
    const { text: name, at } = tokens[next]!;
    if (name in FUNCTIONS || name in NUMBERS || defined.has(name) || variables.includes(name)) {
      fail(`${name} has a meaning already: choose another name`, at);
    }
    next += 2;
    parts.push({ name, formula: sum() });
    defined.add(name);
    if (peek() !== ";") fail('"; " is missing: name = …; and then the formula of f');
    next++;
  }
  const start = tokens[next]?.at ?? text.length;
  const result = sum();
  const rest = tokens[next];
  if (rest !== undefined) {
    fail(
      rest.isName || rest.isNumber || rest.text === "("
        ? `an operator is missing before "${rest.text}": write * for a product`
        : `"${rest.text}" can't stand here`,
    );
  }
  if (variables.length === 0 && parts.every(({ formula }) => formula.kind !== "array")) {
    fail("nothing here depends on a variable: use a letter such as x", 0);
  }
  return { parts, result, variables, at: start };
}

/** A number or an array of numbers. */
type Literal = Formula & { readonly kind: "number" | "array" };

function isLiteral(formula: Formula): formula is Literal {
  return formula.kind === "number" || formula.kind === "array";
}

/** A text that is the same for literals of the same shape. */
function shapeText(literal: Literal): string {
  const write = (element: NestedNumbers): string =>
    typeof element === "number" ? "" : `${element.length} ${write(element[0] as NestedNumbers)}`;
  return literal.kind === "number" ? "" : write(literal.elements);
}

/**
 * Records a program on the tape: f, computed from Variables by their names.
 *
 * @throws {FormulaError} If an operation can't take what it is given, or if f is no number
 */
export function record(program: Program, variables: ReadonlyMap<string, Variable>): Variable {
  const known = new Map(variables);
  const evaluate = (formula: Formula): Variable => {
    if (formula.kind === "number") return constant(formula.value);
    if (formula.kind === "array") return constant(formula.elements);
    if (formula.kind === "name") return known.get(formula.name)!;
    const operands = formula.operands.map(evaluate);
    const functions = tapegrad as unknown as {
      readonly [name: string]: (...operands: Variable[]) => Variable;
    };
    try {
      return formula.name === "stack" ? tapegrad.stack(operands) : functions[formula.name]!(...operands);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      throw new FormulaError(error.message, formula.at);
    }
  };
  for (const { name, formula } of program.parts) {
    if (formula.kind === "array") known.set(name, variable(formula.elements, { name }));
    else {
      const value = evaluate(formula);
      known.set(name, value.trainable ? value : value.named(name));
    }
  }
  const f = evaluate(program.result);
  if (f.shape.length > 0) {
    const shape = `[${f.shape.join(", ")}]`;
    throw new FormulaError(
      `f has the shape ${shape}, and only a number has a gradient: take its sum(…)`,
      program.at,
    );
  }
  return f;
}

/** The name that is most like another: with the fewest letters to change. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      row = row.reduce<number[]>(
        (out, above, j) => [
          ...out,
          j === 0 ? i : Math.min(above + 1, out[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])),
        ],
        [],
      );
    }
    return row[b.length]!;
  };
  const [best] = names.map((each) => [distance(name.toLowerCase(), each.toLowerCase()), each] as const)
    .sort(([a], [b]) => a - b);
  return best !== undefined && best[0] <= 2 ? best[1] : undefined;
}

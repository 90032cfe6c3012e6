import { add, atan, cos, div, exp, log, mul, neg, pow, sin, sqrt, sub } from "../../../src/functions/mod.ts";
import type { Variable } from "../../../src/variable/mod.ts";

/** What names stand for. */
export type Scope = { readonly [name: string]: Variable | number };

type Evaluate = (scope: Scope) => Variable | number;
type Operation = (...operands: (Variable | number)[]) => Variable;

const FUNCTIONS: { readonly [name: string]: Operation } = {
  exp: (x) => exp(x!),
  log: (x) => log(x!),
  sqrt: (x) => sqrt(x!),
  sin: (x) => sin(x!),
  cos: (x) => cos(x!),
  atan: (x) => atan(x!),
  pow: (x, y) => pow(x!, y!),
};
const BINARY: { readonly [sign: string]: Operation } = {
  "+": (x, y) => add(x!, y!),
  "-": (x, y) => sub(x!, y!),
  "*": (x, y) => mul(x!, y!),
  "/": (x, y) => div(x!, y!),
  "**": (x, y) => pow(x!, y!),
};

/**
 * Translates a formula in the syntax of JavaScript into operations on Variables: `+ - * / **`, signs,
 * parentheses, numbers, names, and calls such as `exp(x)` or `Math.exp(x)`.
 *
 * @throws {SyntaxError} If the formula is no such formula, with the place
 */
export function translate(formula: string): Evaluate {
  const tokens = [
    ...formula.matchAll(/\s*((?:Math\.)?[A-Za-z_]\w*|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|\*\*|\S)/gi),
  ]
    .map((match) => match[1]!);
  let next = 0;
  const fail = (expected: string): never => {
    throw new SyntaxError(
      `Cannot translate ${formula}: expected ${expected} at token ${next + 1}, found ${
        tokens[next] ?? "the end"
      }`,
    );
  };
  const take = (...wanted: string[]): string | undefined =>
    wanted.includes(tokens[next]!) ? tokens[next++] : undefined;
  const expect = (token: string): void => void (take(token) ?? fail(token));

  const leftToRight = (part: () => Evaluate, ...signs: string[]): Evaluate => {
    let left = part();
    for (let sign = take(...signs); sign !== undefined; sign = take(...signs)) {
      const [x, y, operation] = [left, part(), BINARY[sign]!];
      left = (scope) => operation(x(scope), y(scope));
    }
    return left;
  };
  const sum = (): Evaluate => leftToRight(product, "+", "-");
  const product = (): Evaluate => leftToRight(signed, "*", "/");
  const signed = (): Evaluate => {
    const sign = take("+", "-");
    if (sign === undefined) return power(true);
    const operand = tokens[next] === "+" || tokens[next] === "-" ? signed() : power(false);
    return sign === "+" ? operand : (scope) => {
      const value = operand(scope);
      return typeof value === "number" ? -value : neg(value);
    };
  };
  // JavaScript refuses -x**2, for it could be read in two ways; so does this.
  const power = (allowed: boolean): Evaluate => {
    const base = atom();
    if (tokens[next] !== "**") return base;
    if (!allowed) fail("parentheses around the base");
    next++;
    const exponent = signed();
    return (scope) => BINARY["**"]!(base(scope), exponent(scope));
  };
  const atom = (): Evaluate => {
    if (take("(")) {
      const inner = sum();
      expect(")");
      return inner;
    }
    const token = tokens[next] ?? fail("a number, name or parenthesis");
    if (/^[\d.]/.test(token)) {
      next++;
      return () => Number(token);
    }
    if (!/^[A-Za-z_]/.test(token)) fail("a number, name or parenthesis");
    next++;
    return take("(") ? call(token.replace(/^Math\./, "")) : (scope) => {
      const value = scope[token];
      if (value === undefined) {
        throw new SyntaxError(`Cannot translate ${formula}: ${token} stands for nothing`);
      }
      return value;
    };
  };
  const call = (name: string): Evaluate => {
    const operation = FUNCTIONS[name];
    if (operation === undefined) {
      throw new SyntaxError(`Cannot translate ${formula}: no function is called ${name}`);
    }
    const operands = [sum()];
    while (take(",")) operands.push(sum());
    expect(")");
    return (scope) => operation(...operands.map((operand) => operand(scope)));
  };

  const result = sum();
  if (next < tokens.length) fail("the end");
  return result;
}

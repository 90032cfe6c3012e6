import { formatShape } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readOperands } from "../../variable/operands.ts";
import type { Operand, Variable } from "../../variable/variable.ts";
import { contract, diagonalOf, type Term } from "./contraction.ts";

/**
 * Sums of products in Einstein's notation, as NumPy writes it: a letter for each axis of each operand, and the
 * letters of the result behind `->`. Letters that are not in the result are summed over; a letter that stands
 * twice in one operand reads its diagonal; `...` stands for any further axes, which broadcast. Without `->`,
 * the result has those axes and then the letters that stand only once, in alphabetical order.
 *
 * Several operands are multiplied two at a time, as matrix products, in an order that keeps intermediate
 * results small; neither values nor derivatives ever form the product over all letters. Axes under `...` that
 * the result does not name are summed over too.
 *
 * @param equation For example `"bij,bjk->bik"`; spaces do not matter
 * @param operands One array for each part of the equation
 * @returns The shape that the equation says, in the wider dtype
 * @throws {SyntaxError} If the equation can't be read
 * @throws {TypeError} If the operands do not fit it
 *
 * @example
 * ```ts
 * import { einsum } from "@tapegrad/tapegrad";
 *
 * console.log(einsum("ij,j->i", [[1, 2], [3, 4]], [1, 10]).value); // [21, 43]
 * console.log(einsum("ii", [[1, 2], [3, 4]]).value); // 5
 * ```
 */
export function einsum(equation: string, ...operands: readonly Operand[]): Variable {
  const { inputs, output } = parse(equation);
  if (inputs.length !== operands.length) {
    throw new TypeError(
      message`Cannot evaluate einsum "${equation}": it names ${inputs.length} operands,
      ${operands.length} were given`,
    );
  }
  const terms = readOperands(...operands).map((x, k) => ({
    x,
    labels: labelAxes(equation, inputs[k]!, x.shape),
  }));
  const lengths = lengthsOf(equation, terms);
  const result = outputLabels(equation, output, terms, lengths);
  return contract(terms.map((term) => dropRepeats(term, lengths)), result, lengths);
}

/** The label of an axis under `...`, counted from the last one: letters have positive ones. */
const ellipsisLabel = (fromLast: number): number => -1 - fromLast;

interface Equation {
  /** The letters of each operand, `.` for an ellipsis. */
  readonly inputs: readonly string[];
  /** Those of the result, undefined where they are implied. */
  readonly output: string | undefined;
}

function parse(equation: string): Equation {
  if (typeof equation !== "string") {
    throw new TypeError(`Cannot evaluate einsum: the equation must be a text such as "ij,jk->ik"`);
  }
  const text = equation.replaceAll(" ", "").replaceAll("...", ".");
  const match = /^([A-Za-z.]*(?:,[A-Za-z.]*)*)(?:->([A-Za-z.]*))?$/.exec(text);
  const parts = match === null ? [] : [...match[1]!.split(","), match[2] ?? ""];
  if (match === null || parts.some((part) => part.indexOf(".") !== part.lastIndexOf("."))) {
    throw new SyntaxError(
      message`Cannot read the einsum equation "${equation}": write letters for the axes
      of each operand, as in "bij,bjk->bik", with at most one ... in each`,
    );
  }
  return { inputs: match[1]!.split(","), output: match[2] };
}

function labelAxes(equation: string, letters: string, shape: readonly number[]): number[] {
  const rest = shape.length - letters.replace(".", "").length;
  if (rest < 0 || (rest > 0 && !letters.includes("."))) {
    throw new TypeError(
      message`Cannot evaluate einsum "${equation}": "${letters.replace(".", "...")}" does
      not fit an operand of shape ${shape}`,
    );
  }
  return [...letters].flatMap((letter) =>
    letter === "."
      ? Array.from({ length: rest }, (_, i) => ellipsisLabel(rest - 1 - i))
      : [letter.charCodeAt(0)]
  );
}

function lengthsOf(equation: string, terms: readonly Term[]): Map<number, number> {
  const lengths = new Map<number, number>();
  for (const { x, labels } of terms) {
    labels.forEach((label, i) => {
      const length = x.shape[i]!;
      const known = lengths.get(label) ?? 1;
      if (known === 1) lengths.set(label, length);
      else if (length !== 1 && length !== known) {
        const name = label < 0 ? "..." : String.fromCharCode(label);
        throw new TypeError(
          message`Cannot evaluate einsum "${equation}": the axes named ${name} have the
          lengths ${known} and ${length} in shapes
          ${terms.map((term) => formatShape(term.x.shape)).join(" and ")}`,
        );
      }
    });
  }
  return lengths;
}

function outputLabels(
  equation: string,
  output: string | undefined,
  terms: readonly Term[],
  lengths: ReadonlyMap<number, number>,
): number[] {
  const under = [...lengths.keys()].filter((label) => label < 0).sort((a, b) => a - b);
  if (output === undefined) {
    const all = terms.flatMap((term) => term.labels);
    const once = [...lengths.keys()].filter((label) =>
      label > 0 && all.filter((l) => l === label).length === 1
    );
    return [...under, ...once.sort((a, b) => a - b)];
  }
  const labels = [...output].flatMap((letter) => letter === "." ? under : [letter.charCodeAt(0)]);
  labels.forEach((label, i) => {
    if (lengths.has(label) && labels.indexOf(label) === i) return;
    throw new SyntaxError(
      message`Cannot read the einsum equation "${equation}": the result names the axis
      ${String.fromCharCode(label)} ${lengths.has(label) ? "twice" : "that no operand has"}`,
    );
  });
  return labels;
}

/** Drops axes of length 1 that broadcast, and reads diagonals where a label stands twice. */
function dropRepeats(term: Term, lengths: ReadonlyMap<number, number>): Term {
  const kept = term.labels.map((label, i) => term.x.shape[i] === lengths.get(label));
  let labels = term.labels.filter((_, i) => kept[i]);
  let x = labels.length === term.labels.length
    ? term.x
    : term.x.reshape(term.x.shape.filter((_, i) => kept[i]));
  for (;;) {
    const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
    if (second < 0) return { x, labels };
    const first = labels.indexOf(labels[second]!);
    const others = labels.map((_, i) => i).filter((i) => i !== first && i !== second);
    x = diagonalOf(x.transpose([...others, first, second]));
    labels = [...others.map((i) => labels[i]!), labels[second]!];
  }
}

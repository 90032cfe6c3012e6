/// <reference lib="dom" />
/** The question what a row hands on, and what is said to an answer. */
import { make, type Page } from "../dom.ts";
import { bracket, minus, read, write } from "../numbers.ts";
import type { Scene } from "./scene.ts";
import type { Part } from "./trace.ts";
import { elementAt, largestPlace, writeIndex } from "./values.ts";

/**
 * Makes a card that asks for a part; of an array, for its largest element.
 *
 * @param onRight Is called when an answer is right; with whether it was at once, without a hint
 */
export function questionOf(
  scene: Scene,
  part: Part,
  page: Page,
  onRight: (isUnaided: boolean) => void,
): HTMLElement {
  const { name, rule, numbers, local } = scene.trace.rows[part.from]!.explanations[part.place]!;
  const { adjoint } = scene.trace.steps[scene.walked]!;
  const place = largestPlace(part.value);
  const wanted = elementAt(part.value, place);
  const target = `${name}${writeIndex(part.value, place)}`;
  const answer = make("input", { inputmode: "decimal", "aria-label": "Your answer", autocomplete: "off" });
  const verdict = make("p", { class: "verdict", role: "status" });
  let [hints, mistakes] = [0, 0];

  const check = (): void => {
    const value = read(answer.value);
    const near = (number: number): boolean =>
      value !== undefined && Math.abs(value - number) <= 0.01 * Math.abs(number) + 1e-9;
    if (value === undefined) verdict.textContent = "Write a number, or a fraction such as 3/4.";
    else if (near(wanted)) {
      page.announce("right");
      onRight(hints === 0 && mistakes === 0);
    } else {
      mistakes++;
      const diagnosis = near(local ?? NaN)
        ? " That is the local derivative; it still has to be multiplied by the adjoint."
        : near(-wanted)
        ? " The sign is the other one."
        : typeof adjoint === "number" && near(adjoint)
        ? " That is the row's own adjoint."
        : "";
      verdict.replaceChildren(make("b", { class: "bad" }, "Not yet."), diagnosis);
    }
  };
  const hint = (): void => {
    hints++;
    const texts = local === undefined || typeof adjoint !== "number"
      ? [`${minus(rule)}, where g is the adjoint`, `${target}: ${write(wanted)}`]
      : [
        `∂/∂${name} = ${minus(rule)}`,
        `${write(adjoint)} · (${minus(numbers)})`,
        `${write(adjoint)} · ${bracket(write(local))} = ${write(wanted)}`,
      ];
    verdict.replaceChildren(make("span", { class: "formula" }, texts[Math.min(hints, texts.length) - 1]!));
  };
  return make(
    "form",
    {
      class: "card question",
      onsubmit: (event: Event) => {
        event.preventDefault();
        check();
      },
    },
    make("h4", {}, make("span", {}, "What does it hand to ", make("b", {}, target), `, row ${part.to}?`)),
    make(
      "div",
      {},
      answer,
      make("button", { class: "strong" }, "Check"),
      make("button", { type: "button", onclick: hint }, "Hint"),
    ),
    verdict,
  );
}

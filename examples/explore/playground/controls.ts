/// <reference lib="dom" />
/** Controls with their labels. */
import { make } from "../dom.ts";
import { write } from "../numbers.ts";

/** A choice of one of several words. */
export function option(
  name: string,
  list: readonly string[],
  value: string,
  change: (value: never) => void,
): HTMLElement {
  const select = make("select", { onchange: () => change(select.value as never) });
  for (const each of list) select.append(make("option", { selected: each === value }, each));
  return make("label", {}, name, select);
}

/** A slider; `read` makes a value of its place. */
export function range(
  name: string,
  low: number,
  high: number,
  value: number,
  read: (place: number) => number,
  change: (value: number) => void,
): HTMLElement {
  const output = make("output", {}, write(value, 2));
  const slider = make("input", {
    type: "range",
    min: low,
    max: high,
    step: "any",
    value,
    oninput: () => {
      const chosen = read(Number(slider.value));
      output.textContent = write(chosen, 2);
      change(chosen);
    },
  });
  return make("label", { class: "range" }, make("span", {}, name, output), slider);
}

/** A number that goes up and down by 1. */
export function stepper(
  label: string,
  text: string,
  value: number,
  low: number,
  high: number,
  change: (value: number) => void,
): HTMLElement {
  return make(
    "span",
    { class: "stepper", role: "group", "aria-label": label },
    `${text} `,
    make("button", {
      "aria-label": `${label} less`,
      disabled: value <= low,
      onclick: () => change(value - 1),
    }, "−"),
    make("output", {}, String(value)),
    make("button", {
      "aria-label": `${label} more`,
      disabled: value >= high,
      onclick: () => change(value + 1),
    }, "+"),
  );
}

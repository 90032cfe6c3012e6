/// <reference lib="dom" />
/** A field for the value of each variable, whose name can be dragged. */
import { make } from "../dom.ts";
import { read } from "../numbers.ts";

/** What dragging by a pixel adds, and what an arrow key does; ten times as much with Shift. */
const [BY_PIXEL, BY_KEY] = [0.01, 0.1];

/**
 * Makes the fields.
 *
 * @param change Is called with each new value
 */
export function makeVariables(
  change: (name: string, value: number) => void,
): {
  readonly element: HTMLElement;
  show(values: readonly (readonly [name: string, value: number])[]): void;
} {
  const element = make("div", { class: "variables" });

  function fieldOf(name: string, start: number): HTMLElement {
    let value = start;
    const put = (to: number): void => {
      value = Number(to.toFixed(4));
      input.value = String(value);
      input.removeAttribute("aria-invalid");
      change(name, value);
    };
    const input = make("input", {
      value: String(start),
      inputmode: "decimal",
      "aria-label": `Value of ${name}`,
      oninput: () => {
        const typed = read(input.value);
        input.setAttribute("aria-invalid", String(typed === undefined));
        if (typed !== undefined) change(name, value = typed);
      },
      onkeydown: (event: KeyboardEvent) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        put(value + (event.shiftKey ? 10 : 1) * (event.key === "ArrowUp" ? BY_KEY : -BY_KEY));
      },
    });
    /** Where it is held, and the value that it had there. */
    let held: { readonly x: number; readonly value: number } | undefined;
    const release = (): void => {
      held = undefined;
      handle.classList.remove("held");
    };
    const handle = make("span", {
      class: "name",
      title: `Drag to change ${name}`,
      onpointerdown: (event: PointerEvent) => {
        if (event.button !== 0) return;
        event.preventDefault();
        handle.setPointerCapture(event.pointerId);
        handle.classList.add("held");
        held = { x: event.clientX, value };
      },
      onpointermove: (event: PointerEvent) => {
        if (held === undefined) return;
        put(held.value + (event.clientX - held.x) * (event.shiftKey ? 10 : 1) * BY_PIXEL);
      },
      onpointerup: release,
      onpointercancel: release,
    }, name);
    return make("label", {}, handle, input);
  }

  return {
    element,
    show(values) {
      element.replaceChildren(...values.map(([name, value]) => fieldOf(name, value)));
    },
  };
}

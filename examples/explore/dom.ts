/// <reference lib="dom" />
/** Small helpers for making elements. */

type Attributes = {
  readonly [name: string]: string | number | boolean | undefined | ((event: never) => void);
};

/** Makes an element; attributes that begin with `on` are listeners, those that are false or undefined are left out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

/** Makes an element of a drawing. */
export function draw<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

/** A colour of the style sheet by its name, as it is in the theme that is shown. */
export function colorOf(name: string): string {
  const probe = make("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as (event: Event) => void);
    else if (name.startsWith("aria-") && value !== undefined) element.setAttribute(name, String(value));
    else if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

/** What tabs are given. */
export interface Page {
  /** Says something to those who listen instead of looking. */
  announce(text: string): void;
  /** Remembers what is shown in the address, so that it can be shared. */
  remember(state: { readonly [name: string]: string }): void;
  /** What the address says. */
  readonly state: ReadonlyMap<string, string>;
  /** Whether things should not move by themselves. */
  readonly isCalm: boolean;
}

/** A tab that is mounted. */
export interface Tab {
  /** Does what a key means; true if it means something here. */
  key(key: string, event: KeyboardEvent): boolean;
  /** Is called when the tab is shown or hidden, and when the theme changes. */
  show?(isShown: boolean): void;
}

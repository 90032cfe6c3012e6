/** How values show themselves where people look: `console.log` of Deno, Node and Bun, and notebooks. */

/** What a notebook shows, by its kind of text. */
export interface MediaBundle {
  readonly [mediaType: string]: string;
}

/** The names under which hosts ask for the text that `console.log` prints. */
const INSPECTORS = ["Deno.customInspect", "nodejs.util.inspect.custom"];

/**
 * Lets values of a class show themselves.
 *
 * @param prototype Of the class
 * @param text What `console.log` prints
 * @param html What notebooks show besides
 */
export function showAs<T extends object>(
  prototype: T,
  text: (x: T) => string,
  html?: (x: T) => string,
): void {
  for (const name of INSPECTORS) {
    define(prototype, Symbol.for(name), function (this: T): string {
      return text(this);
    });
  }
  define(prototype, Symbol.for("Jupyter.display"), function (this: T): MediaBundle {
    const plain = text(this);
    return { "text/plain": plain, ...html === undefined ? {} : { "text/html": html(this) } };
  });
}

function define(prototype: object, name: symbol, value: unknown): void {
  Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
}

/** A table in HTML; numbers of its cells stand to the right. */
export function htmlTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string =>
    `<td style="text-align:${/^-?[\d.]+(e[+-]?\d+)?$/.test(text) ? "right" : "left"}">${
      escapeHtml(text)
    }</td>`;
  const head = header.map((text) => `<th style="text-align:left">${escapeHtml(text)}</th>`).join("");
  return `<table><thead><tr>${head}</tr></thead><tbody>${
    rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("")
  }</tbody></table>`;
}

/** A text as it is written in HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

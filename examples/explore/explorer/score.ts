/// <reference lib="dom" />
/** Five squares that count answers without help. */
import { make, type Page } from "../dom.ts";

const MOST = 5;

/** Makes the squares; they are shown while something is to be predicted. */
export function makeScore(page: Page): { readonly element: HTMLElement; add(isUnaided: boolean): void } {
  let count = 0;
  const squares = Array.from({ length: MOST }, () => make("i"));
  const element = make("span", { class: "score", role: "img", hidden: true }, ...squares);
  const show = (): void => {
    squares.forEach((square, i) => square.classList.toggle("full", i < count));
    const text = `${count} of ${MOST} answered without help`;
    element.setAttribute("aria-label", text);
    element.title = text;
  };
  show();
  return {
    element,
    /** Counts an answer; after five of them it begins anew. */
    add(isUnaided) {
      if (!isUnaided) return;
      count = count === MOST ? 1 : count + 1;
      show();
      if (count === MOST) page.announce("five answers without help");
    },
  };
}

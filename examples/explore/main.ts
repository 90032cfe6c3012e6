/// <reference lib="dom" />
/** The page: two tabs, the theme, keys, and the address that tells what is shown. */
import type { Page, Tab } from "./dom.ts";
import { isDark } from "./playground/painting.ts";
import { mountExplorer } from "./explorer/tab.ts";
import { mountPlayground } from "./playground/tab.ts";

const find = (id: string): HTMLElement => document.getElementById(id)!;
const NAMES = ["explorer", "playground"] as const;
type Name = (typeof NAMES)[number];

const [name, ...rest] = location.hash.slice(1).split("?");
const state = new Map(new URLSearchParams(rest.join("?")));
let shown: Name = name === "playground" ? "playground" : "explorer";

const pageOf = (tab: Name): Page => ({
  announce: (text) => find("said").textContent = text,
  remember(values) {
    if (tab === shown) history.replaceState(null, "", `#${tab}?${new URLSearchParams(values)}`);
  },
  state: tab === shown ? state : new Map(),
  isCalm: matchMedia("(prefers-reduced-motion: reduce)").matches,
});
const tabs: { readonly [K in Name]: Tab } = {
  explorer: mountExplorer(find("explorer"), pageOf("explorer")),
  playground: mountPlayground(find("playground"), pageOf("playground")),
};

function show(tab: Name, focus = false): void {
  shown = tab;
  for (const each of NAMES) {
    const button = find(`tab-${each}`);
    button.setAttribute("aria-selected", String(each === tab));
    button.tabIndex = each === tab ? 0 : -1;
    find(each).hidden = each !== tab;
    tabs[each].show?.(each === tab);
  }
  if (focus) find(`tab-${tab}`).focus();
}
for (const each of NAMES) find(`tab-${each}`).addEventListener("click", () => show(each));
find("tab-explorer").parentElement!.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  event.stopPropagation();
  event.preventDefault();
  show(shown === "explorer" ? "playground" : "explorer", true);
});

function toggleTheme(): void {
  document.documentElement.dataset["theme"] = isDark() ? "light" : "dark";
  tabs[shown].show?.(true);
}
find("theme").addEventListener("click", toggleTheme);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => tabs[shown].show?.(true));
const keys = find("keys") as HTMLDialogElement;
find("help").addEventListener("click", () => keys.showModal());

document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
  if (target.matches("input, select, textarea")) {
    if (event.key === "Escape") target.blur();
    return;
  }
  // A button or a link does what it says when it has the focus.
  if (target.matches("button, a, summary") && (event.key === " " || event.key === "Enter")) return;
  const general: { readonly [key: string]: () => void } = {
    "1": () => show("explorer"),
    "2": () => show("playground"),
    t: toggleTheme,
    "?": () => keys.showModal(),
  };
  const action = general[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (action !== undefined) action();
  else if (!tabs[shown].key(event.key, event)) return;
  // The key must not be typed into a field that it moves the focus to.
  event.preventDefault();
});

show(shown);
// An address that is put in while the page is open is shown as if it were opened.
addEventListener("hashchange", () => location.reload());

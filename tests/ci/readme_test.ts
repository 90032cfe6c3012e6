import { assertEquals, assertExists, assertGreater } from "@std/assert";
import configuration from "../../deno.json" with { type: "json" };
import * as core from "../../mod.ts";

const granted = (await Deno.permissions.query({ name: "read" })).state === "granted";
const page = granted ? await Deno.readTextFile(new URL("../../README.md", import.meta.url)) : "";
const [, afterTransforms] = page.split("## Transforms");
const transforms = /^\|[^]*?\n\n/m.exec(afterTransforms ?? "")?.[0] ?? "";
const table = page.split("## What there is")[1] ?? "";

/** The exports that a user calls; types and classes are not among them. */
function functionsOf(room: object): string[] {
  return Object.entries(room).filter(([name, value]) => typeof value === "function" && !/^[A-Z]/.test(name))
    .map(([name]) => name);
}

function named(text: string): Set<string> {
  return new Set(text.match(/\b[a-z]\w*/gi));
}

Deno.test({ name: "the README names every function of the core", ignore: !granted }, () => {
  const words = named(page);
  assertEquals(functionsOf(core).filter((name) => !words.has(name)), []);
});

Deno.test({ name: "every operation the README lists is exported", ignore: !granted }, () => {
  const rows = table.split("\n").filter((line) => /^\| [a-z]/.test(line));
  const operations = rows.flatMap((line) => line.split("|")[2]!.trim().split(", "));
  assertGreater(operations.length, 150);
  assertEquals(operations.filter((name) => !(name in core)), []);
  assertEquals(operations.filter((name, i) => operations.indexOf(name) !== i), []);
});

Deno.test({ name: "every transform the README lists is exported", ignore: !granted }, () => {
  const names = [...transforms.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
  assertGreater(names.length, 15);
  assertEquals(names.filter((name) => !(name in core)), []);
});

for (const [door, file] of Object.entries(configuration.exports).filter(([door]) => door !== ".")) {
  Deno.test({ name: `the README names every function of ${door}`, ignore: !granted }, async () => {
    const line = new RegExp(`^\\| \`@tapegrad/tapegrad/${door.slice(2)}\`.*`, "m").exec(table)?.[0];
    assertExists(line, "the table has no such row");
    const words = named(line);
    const room = await import(`../../${file}`);
    assertEquals(functionsOf(room).filter((name) => !words.has(name)), []);
  });
}

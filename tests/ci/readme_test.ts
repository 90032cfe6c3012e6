import { assertEquals, assertExists, assertGreater } from "@std/assert";
import configuration from "../../deno.json" with { type: "json" };
import * as core from "../../mod.ts";

const granted = (await Deno.permissions.query({ name: "read" })).state === "granted";
/** The list of everything, one heading a door. */
const list = granted ? await Deno.readTextFile(new URL("../../src/README.md", import.meta.url)) : "";
const page = granted ? await Deno.readTextFile(new URL("../../README.md", import.meta.url)) : "";
const transforms = /^\|[^]*?\n\n/m.exec(page.split("## Transforms")[1] ?? "")?.[0] ?? "";

/** What stands under the heading of a door. */
function sectionOf(door: string): string | undefined {
  return list.split("\n## ").find((section) =>
    section.startsWith(`\`@tapegrad/tapegrad${door.slice(1)}\`\n`)
  );
}

/** The exports that a user calls; types and classes are not among them. */
function functionsOf(room: object): string[] {
  return Object.entries(room).filter(([name, value]) => typeof value === "function" && !/^[A-Z]/.test(name))
    .map(([name]) => name);
}

function named(text: string): Set<string> {
  return new Set(text.match(/\b[a-z]\w*/gi));
}

Deno.test(
  { name: "every operation that src/README.md lists is exported, and listed once", ignore: !granted },
  () => {
    const items = sectionOf(".")!.replaceAll(/\n {2}/g, " ").split("\n").filter((line) =>
      /^- [a-z]/.test(line)
    );
    const operations = items.flatMap((line) => line.split(": ")[1]!.split(", "));
    assertGreater(operations.length, 150);
    assertEquals(operations.filter((name) => !(name in core)), []);
    assertEquals(operations.filter((name, i) => operations.indexOf(name) !== i), []);
  },
);

Deno.test({ name: "every transform the README lists is exported", ignore: !granted }, () => {
  const names = [...transforms.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
  assertGreater(names.length, 15);
  assertEquals(names.filter((name) => !(name in core)), []);
});

for (const [door, file] of Object.entries(configuration.exports)) {
  Deno.test({ name: `src/README.md names every function of ${door}`, ignore: !granted }, async () => {
    const section = sectionOf(door);
    assertExists(section, "there is no such heading");
    const words = named(section);
    const room = await import(`../../${file}`);
    assertEquals(functionsOf(room).filter((name) => !words.has(name)), []);
  });
}

/** The packages that files of a folder import, and those that they import only when they are needed. */
async function packagesIn(folder: URL): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) { for (const item of await packagesIn(url)) found.add(item); }
    if (!name.endsWith(".ts")) continue;
    const code = (await Deno.readTextFile(url)).replace(/^\s*(\/\*.*|\*.*|\/\/.*)$/gm, "");
    for (
      const [, item] of code.matchAll(/"(?:npm:)?((?:@std|@[\w-]+\/[\w-]+|(?<=npm:)[\w-]+)[^"@]*)[^"]*"/g)
    ) {
      const isPackage = item!.startsWith("@std/") || code.includes(`"npm:${item}`);
      if (isPackage) found.add(item!.split("/").slice(0, item!.startsWith("@") ? 2 : 1).join("/"));
    }
  }
  return found;
}

Deno.test({ name: "the README names every package that the library loads", ignore: !granted }, async () => {
  const packages = [...await packagesIn(new URL("../../src/", import.meta.url))];
  assertGreater(packages.length, 8);
  const [paragraph = ""] = /\*\*Packages\.\*\*[^]*?\n\n/.exec(page) ?? [];
  assertEquals(packages.filter((name) => !paragraph.includes(`\`${name}\``)), []);
});

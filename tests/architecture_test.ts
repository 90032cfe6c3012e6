import { assertEquals } from "@std/assert";

const granted = (await Deno.permissions.query({ name: "read" })).state === "granted";

/** The level of each room; a file imports from lower levels and its own room. */
const LEVELS: { readonly [room: string]: number } = {
  _internal: 0,
  array: 1,
  primitives: 2,
  tape: 3,
  variable: 4,
  compiler: 4,
  transforms: 5,
  nn: 6,
  optim: 6,
};
/** Side rooms: the highest level they may import from, and who but `mod.ts`, tests and examples imports them. */
const SIDES: { readonly [room: string]: { readonly reach: number; readonly usedBy: readonly string[] } } = {
  random: { reach: 4, usedBy: ["nn"] },
  data: { reach: 1, usedBy: [] },
  io: { reach: 4, usedBy: [] },
  viz: { reach: 4, usedBy: [] },
  testing: { reach: 5, usedBy: [] },
};

type Graph = { readonly [file: string]: readonly string[] };

function roomOf(file: string): string {
  return file.split("/")[1]!;
}

/** Imports that go the wrong way. */
function findUpward(graph: Graph): string[] {
  return Object.entries(graph).flatMap(([file, imports]) =>
    imports.filter((target) => !allowed(roomOf(file), roomOf(target))).map((target) => `${file} -> ${target}`)
  );
}

function allowed(from: string, to: string): boolean {
  if (from === to) return true;
  if (to in SIDES) return SIDES[to]!.usedBy.includes(from);
  // The two rooms of the top level may use each other's types and functions; cycles are refused below.
  const reach = from in SIDES ? SIDES[from]!.reach + 1 : LEVELS[from]! === 6 ? 7 : LEVELS[from]!;
  return LEVELS[to]! < reach;
}

/** Files that import themselves through others. */
function findCycles(graph: Graph): string[] {
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      return;
    }
    state.set(file, "open");
    for (const target of graph[file] ?? []) visit(target, [...path, file]);
    state.set(file, "done");
  };
  Object.keys(graph).forEach((file) => visit(file, []));
  return cycles;
}

/** Run-time imports of every file below `src`; `import type` is erased and does not count. */
async function readGraph(): Promise<{ graph: Graph; packages: Graph }> {
  const root = new URL("../", import.meta.url);
  const graph: { [file: string]: string[] } = {};
  const packages: { [file: string]: string[] } = {};
  const walk = async (folder: string): Promise<void> => {
    for await (const entry of Deno.readDir(new URL(folder, root))) {
      if (entry.isDirectory) await walk(`${folder}${entry.name}/`);
      else if (entry.name.endsWith(".ts")) {
        const file = folder + entry.name;
        const text = (await Deno.readTextFile(new URL(file, root))).replace(/^ \*.*$/gm, "");
        const found = [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)"/gm)].map((m) =>
          m[1]!
        );
        graph[file] = found.filter((f) => f.startsWith(".") && f.endsWith(".ts"))
          .map((f) => new URL(f, new URL(file, root)).href.slice(root.href.length));
        packages[file] = found.filter((f) => !f.startsWith("."));
      }
    }
  };
  await walk("src/");
  return { graph, packages };
}

Deno.test({ name: "imports go to lower levels, without a cycle", ignore: !granted }, async () => {
  const { graph, packages } = await readGraph();
  assertEquals(findUpward(graph), []);
  assertEquals(findCycles(graph), []);
  const core = Object.entries(packages).filter(([file]) => roomOf(file) in LEVELS && !file.includes("/nn/"));
  assertEquals(core.filter(([, list]) => list.length > 0), []);
});

Deno.test("the check finds an upward import, a side room and a cycle", () => {
  assertEquals(findUpward({ "src/array/a.ts": ["src/tape/b.ts"], "src/tape/b.ts": ["src/viz/c.ts"] }), [
    "src/array/a.ts -> src/tape/b.ts",
    "src/tape/b.ts -> src/viz/c.ts",
  ]);
  assertEquals(findUpward({ "src/nn/a.ts": ["src/random/mod.ts"], "src/data/b.ts": ["src/array/c.ts"] }), []);
  assertEquals(findCycles({ a: ["b"], b: ["c"], c: ["b"] }), ["b -> c -> b"]);
});

Deno.test({ name: "the top level holds what the design names", ignore: !granted }, async () => {
  const names = ["deno.json", "mod.ts", "README.md", "LICENSE", "src", "tests", "examples", "data"];
  const found = await Array.fromAsync(Deno.readDir(new URL("../", import.meta.url)), (entry) => entry.name);
  const generated = ["out", "node_modules"];
  assertEquals(found.filter((name) => !name.startsWith(".") && ![...names, ...generated].includes(name)), []);
});

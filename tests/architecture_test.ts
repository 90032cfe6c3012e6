import { assertEquals } from "@std/assert";

const granted = (await Deno.permissions.query({ name: "read" })).state === "granted";
const ROOT = new URL("../", import.meta.url);

/** The level of each room; a file imports from lower levels and its own room. */
const LEVELS: { readonly [room: string]: number } = {
  _internal: 0,
  array: 1,
  primitives: 2,
  tape: 3,
  variable: 4,
  functions: 5,
  compiler: 5,
  formats: 5,
  transforms: 6,
  optim: 7,
  nn: 8,
};
/** Side rooms: the highest level they may import from, and who but `mod.ts`, tests and examples imports them. */
const SIDES: { readonly [room: string]: { readonly reach: number; readonly usedBy: readonly string[] } } = {
  random: { reach: 5, usedBy: ["nn", "cli"] },
  data: { reach: 1, usedBy: ["cli"] },
  viz: { reach: 5, usedBy: ["cli"] },
  testing: { reach: 6, usedBy: ["cli"] },
  io: { reach: 8, usedBy: ["export", "cli"] },
  export: { reach: 8, usedBy: ["cli"] },
  cli: { reach: 8, usedBy: [] },
};

/** The stages of the compiler, each a folder; those in one line share a level and may import each other. */
const STAGES: readonly (readonly string[])[] = [
  ["graph"],
  ["passes"],
  ["plan"],
  ["wasm"],
  ["blas", "emit", "kernels", "math", "scalar"],
  ["runtime"],
];

/** Imports against the order of the stages, each with the reason why it is there. */
const BACKWARD: { readonly [edge: string]: string } = {};

const MOST_LINES = 400;
const MOST_FILES = 25;
/** Files of more lines and folders of more files, each with the reason why it is not parted. */
const LARGE: { readonly [path: string]: string } = {};

interface Import {
  /** A file from the root of the project, or the specifier of a package. */
  readonly target: string;
  /** False if nothing but types is imported: then it is gone at run time. */
  readonly runs: boolean;
}
type Graph = { readonly [file: string]: readonly Import[] };

/** The imports that stand in the text of a file; those in comments don't count. */
function readImports(file: string, text: string): Import[] {
  const code = text.replace(/^\s*(\/\*.*|\*.*|\/\/.*)$/gm, "");
  const statements = /^(?:import|export)\s(type\s)?[^;"]*?from\s*"([^"]+)"/gm;
  const bare = /^import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;
  return [
    ...[...code.matchAll(statements)].map((m) => ({ target: m[2]!, runs: m[1] === undefined })),
    ...[...code.matchAll(bare)].map((m) => ({ target: m[1] ?? m[2]!, runs: true })),
  ].map(({ target, runs }) => ({ target: resolve(file, target), runs }));
}

function resolve(file: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return decodeURIComponent(new URL(specifier, new URL(file, "file:///")).pathname.slice(1));
}

function isRoom(name: string | undefined): name is string {
  return name !== undefined && (name in LEVELS || name in SIDES);
}

/** Imports between rooms that go the wrong way, types included, and rooms that the design does not name. */
function findUpward(graph: Graph): string[] {
  return Object.entries(graph).flatMap(([file, imports]) =>
    imports.filter(({ target }) => /^(src\/|mod\.ts$)/.test(target) && !allowed(file, target))
      .map(({ target }) => `${file} -> ${target}`)
  );
}

function allowed(file: string, target: string): boolean {
  if (file === "mod.ts") return true;
  const [from, to] = [file.split("/")[1], target.split("/")[1]];
  if (!isRoom(from) || !isRoom(to)) return false;
  if (from === to) return true;
  if (to in SIDES) return SIDES[to]!.usedBy.includes(from);
  if (from in SIDES) return LEVELS[to]! <= SIDES[from]!.reach;
  return LEVELS[to]! < LEVELS[from]!;
}

/** The level of a file of the compiler; those in no stage put the stages together. */
function stageOf(file: string): number | undefined {
  const [, room, stage, name] = file.split("/");
  if (room !== "compiler") return undefined;
  if (name === undefined) return STAGES.length;
  const level = STAGES.findIndex((stages) => stages.includes(stage!));
  return level < 0 ? NaN : level; // NaN, a folder that is no stage, is above nothing and below nothing
}

/** Imports within the compiler from a later stage, types included. */
function findBackward(graph: Graph): string[] {
  return Object.entries(graph).flatMap(([file, imports]) =>
    imports.filter(({ target }) => {
      const [from, to] = [stageOf(file), stageOf(target)];
      return from !== undefined && to !== undefined && !(to <= from);
    }).map(({ target }) => `${file} -> ${target}`)
  );
}

/** Files with too many lines, and folders with too many files. */
function findLarge(lines: ReadonlyMap<string, number>): string[] {
  const folders = Object.entries(
    Object.groupBy(lines.keys(), (file) => file.slice(0, file.lastIndexOf("/"))),
  );
  return [
    ...[...lines].filter(([, count]) => count > MOST_LINES).map(([file]) => file),
    ...folders.filter(([, files]) => files!.length > MOST_FILES).map(([folder]) => folder),
  ];
}

/** Files that import themselves through others at run time. */
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
    for (const { target, runs } of graph[file] ?? []) if (runs) visit(target, [...path, file]);
    state.set(file, "done");
  };
  Object.keys(graph).forEach((file) => visit(file, []));
  return cycles;
}

/** What a file loads at run time, itself and packages included. */
function findReached(graph: Graph, start: string): Set<string> {
  const reached = new Set([start]);
  for (const file of reached) {
    for (const { target, runs } of graph[file] ?? []) if (runs) reached.add(target);
  }
  return reached;
}

/** The texts of the modules in a folder, by their paths from the root of the project. */
async function readModules(folder: string): Promise<Map<string, string>> {
  const modules = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory) {
      for (const [file, text] of await readModules(`${folder}${name}/`)) modules.set(file, text);
    } else if (name.endsWith(".ts")) {
      modules.set(folder + name, await Deno.readTextFile(new URL(folder + name, ROOT)));
    }
  }
  return modules;
}

async function readGraph(): Promise<Graph> {
  const modules = await readModules("src/");
  modules.set("mod.ts", await Deno.readTextFile(new URL("mod.ts", ROOT)));
  return Object.fromEntries([...modules].map(([file, text]) => [file, readImports(file, text)]));
}

Deno.test({ name: "imports go to lower levels", ignore: !granted }, async () => {
  assertEquals(findUpward(await readGraph()), []);
});

Deno.test(
  { name: "stages of the compiler import earlier ones, but for what is listed", ignore: !granted },
  async () => {
    assertEquals(findBackward(await readGraph()).sort(), Object.keys(BACKWARD).sort());
  },
);

Deno.test({ name: "files and folders are small, but for what is listed", ignore: !granted }, async () => {
  const modules = [...await readModules("src/"), ...await readModules("examples/")];
  const lines = new Map(modules.map(([file, text]) => [file, text.trimEnd().split("\n").length]));
  assertEquals(findLarge(lines).sort(), Object.keys(LARGE).sort());
});

Deno.test({ name: "no file imports itself through others", ignore: !granted }, async () => {
  assertEquals(findCycles(await readGraph()), []);
});

Deno.test(
  { name: "every import leads to a file, and the core loads no package", ignore: !granted },
  async () => {
    const graph = await readGraph();
    const targets = Object.values(graph).flat().map(({ target }) => target);
    assertEquals(targets.filter((target) => target.startsWith("src/") && !(target in graph)), []);
    const reached = [...findReached(graph, "mod.ts")];
    assertEquals(reached.includes("src/tape/tape.ts"), true);
    assertEquals(reached.filter((file) => !(file in graph)), []);
  },
);

/** Whether a module exports types and nothing else. */
function exportsTypesOnly(text: string): boolean {
  const exported = [...text.matchAll(/^export (\w+|\{|\*)/gm)].map((match) => match[1]!);
  return exported.length > 0 && exported.every((what) => what === "type" || what === "interface");
}

Deno.test(
  { name: "modules of types alone are imported as types: loading them takes time", ignore: !granted },
  async () => {
    const texts = await readModules("src/");
    const loaded = Object.entries(await readGraph()).flatMap(([file, imports]) =>
      imports.filter(({ target, runs }) => runs && exportsTypesOnly(texts.get(target) ?? ""))
        .map(({ target }) => `${file} -> ${target}`)
    );
    assertEquals(loaded, []);
  },
);

Deno.test("the check of types tells modules of types from others", () => {
  assertEquals(exportsTypesOnly("export type A = 1;\nexport interface B {}\n"), true);
  assertEquals(exportsTypesOnly("export type A = 1;\nexport const b = 1;\n"), false);
  assertEquals(exportsTypesOnly('export type A = 1;\nexport * from "./b.ts";\n'), false);
  assertEquals(exportsTypesOnly('import "./b.ts";\n'), false);
});

Deno.test({ name: "the top level holds what the design names", ignore: !granted }, async () => {
  const names = ["deno.json", "mod.ts", "README.md", "LICENSE", "src", "tests", "examples", "data"];
  const ignored = (await Deno.readTextFile(new URL(".gitignore", ROOT))).split("\n");
  const found = await Array.fromAsync(Deno.readDir(ROOT), (e) => e.isDirectory ? `${e.name}/` : e.name);
  const extra = found.filter((name) => !name.startsWith(".") && !ignored.includes(name));
  assertEquals(extra.filter((name) => !names.includes(name.replace("/", ""))), []);
});

/** A graph in which every import runs. */
function sample(edges: { readonly [file: string]: readonly string[] }): Graph {
  const run = (targets: readonly string[]) => targets.map((target) => ({ target, runs: true }));
  return Object.fromEntries(Object.entries(edges).map(([file, targets]) => [file, run(targets)]));
}

const WRONG: readonly (readonly [string, string])[] = [
  ["src/array/a.ts", "src/tape/b.ts"],
  ["src/variable/a.ts", "src/compiler/b.ts"],
  ["src/optim/a.ts", "src/nn/b.ts"],
  ["src/tape/a.ts", "src/viz/b.ts"],
  ["src/nn/a.ts", "src/data/b.ts"],
  ["src/data/a.ts", "src/primitives/b.ts"],
  ["src/viz/a.ts", "src/random/b.ts"],
  ["src/helpers/a.ts", "src/array/b.ts"],
  ["src/array/a.ts", "src/helpers/b.ts"],
  ["src/nn/a.ts", "mod.ts"],
  ["src/nn/a.ts", "src/io/b.ts"],
  ["src/io/a.ts", "src/export/b.ts"],
  ["src/export/a.ts", "src/cli/b.ts"],
];
for (const [file, target] of WRONG) {
  Deno.test(`the check refuses ${file} -> ${target}`, () => {
    assertEquals(findUpward(sample({ [file]: [target] })), [`${file} -> ${target}`]);
  });
}

Deno.test("the check allows lower levels, the own room and the named exceptions", () => {
  const right = sample({
    "mod.ts": ["src/viz/mod.ts", "src/tape/mod.ts"],
    "src/tape/a.ts": ["src/tape/b.ts", "src/_internal/c.ts", "npm:x"],
    "src/nn/a.ts": ["src/random/mod.ts", "src/optim/mod.ts", "src/transforms/mod.ts"],
    "src/data/a.ts": ["src/array/b.ts"],
    "src/testing/a.ts": ["src/transforms/mod.ts"],
    "src/io/a.ts": ["src/nn/mod.ts", "src/array/b.ts"],
    "src/export/a.ts": ["src/compiler/mod.ts", "src/nn/mod.ts", "src/io/mod.ts"],
    "src/cli/a.ts": ["src/export/mod.ts", "src/viz/mod.ts", "src/data/mod.ts", "src/nn/mod.ts"],
  });
  assertEquals(findUpward(right), []);
});

const BACKWARD_SAMPLES: readonly (readonly [string, string])[] = [
  ["src/compiler/plan/a.ts", "src/compiler/wasm/b.ts"],
  ["src/compiler/graph/a.ts", "src/compiler/passes/b.ts"],
  ["src/compiler/math/a.ts", "src/compiler/runtime/b.ts"],
  ["src/compiler/runtime/a.ts", "src/compiler/b.ts"],
  ["src/compiler/runtime/a.ts", "src/compiler/elsewhere/b.ts"],
  ["src/compiler/elsewhere/a.ts", "src/compiler/graph/b.ts"],
];
for (const [file, target] of BACKWARD_SAMPLES) {
  Deno.test(`the check of stages refuses ${file} -> ${target}`, () => {
    assertEquals(findBackward(sample({ [file]: [target] })), [`${file} -> ${target}`]);
  });
}

Deno.test("the check of stages allows earlier stages, those of the same level, and other rooms", () => {
  const right = sample({
    "src/compiler/mod.ts": ["src/compiler/runtime/a.ts", "src/compiler/compile_graph.ts"],
    "src/compiler/emit/a.ts": ["src/compiler/math/b.ts", "src/compiler/plan/c.ts", "src/array/d.ts"],
    "src/transforms/a.ts": ["src/compiler/mod.ts"],
  });
  assertEquals(findBackward(right), []);
});

Deno.test("the check of sizes finds long files and full folders", () => {
  const files = (count: number): [string, number][] =>
    Array.from({ length: count }, (_, i) => [`src/full/${i}.ts`, 1]);
  assertEquals(findLarge(new Map([["src/a/long.ts", 401], ["src/a/b.ts", 400]])), ["src/a/long.ts"]);
  assertEquals(findLarge(new Map(files(25))), []);
  assertEquals(findLarge(new Map(files(26))), ["src/full"]);
});

Deno.test("the check finds cycles of imports that run, and only those", () => {
  assertEquals(findCycles(sample({ a: ["b"], b: ["c"], c: ["b"] })), ["b -> c -> b"]);
  assertEquals(findCycles(sample({ a: ["b", "c"], b: ["c"], c: [] })), []);
  assertEquals(findCycles({ ...sample({ a: ["b"] }), b: [{ target: "a", runs: false }] }), []);
});

Deno.test("the check follows imports to packages", () => {
  const graph = { ...sample({ "mod.ts": ["a"], a: ["@std/csv"] }), b: [{ target: "@std/cli", runs: true }] };
  assertEquals([...findReached(graph, "mod.ts")], ["mod.ts", "a", "@std/csv"]);
});

Deno.test("the check reads every form of import, and none in a comment", () => {
  const text = `/**
 * import { no } from "./no.ts";
 */
import type { A } from "../tape/a.ts";
import {
  b,
  type B,
} from "./b.ts";
import "./c.ts";
// import { no } from "./no.ts";
export * from "../array/d.ts";
export type { E } from "./e.ts";
const f = await import("npm:f");
`;
  assertEquals(readImports("src/nn/x.ts", text), [
    { target: "src/tape/a.ts", runs: false },
    { target: "src/nn/b.ts", runs: true },
    { target: "src/array/d.ts", runs: true },
    { target: "src/nn/e.ts", runs: false },
    { target: "src/nn/c.ts", runs: true },
    { target: "npm:f", runs: true },
  ]);
});

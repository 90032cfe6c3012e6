/** The library in one JavaScript file, run by other hosts. Those that are not installed are left out, but for CI. */
import { pathToFileURL } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { run } from "./program.ts";

const granted = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "write" })).state === "granted" &&
  (await Deno.permissions.query({ name: "env" })).state === "granted";
const PROGRAM = new URL("./program.ts", import.meta.url);
/** What comes before and after the results in all that a host prints; they are encoded as in a URL. */
const [BEFORE, AFTER] = ["[results:", ":results]"];

interface Host {
  readonly name: string;
  /** Other names of the program. */
  readonly programs: readonly string[];
  /** Arguments to run the script, or the page that loads it, and print what it writes. */
  args(script: string, page: string): string[];
}

const HOSTS: readonly Host[] = [
  { name: "Node", programs: ["node"], args: (script) => [script] },
  { name: "Bun", programs: ["bun"], args: (script) => ["run", script] },
  {
    name: "Chromium",
    programs: ["chromium", "chromium-browser", "google-chrome"],
    args: (_, page) => [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--virtual-time-budget=20000",
      "--dump-dom",
      page,
    ],
  },
];

async function output(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" })
    .output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert(code === 0, `${program} ended with ${code}:\n${err}${out}`);
  return out!;
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdin: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Writes the script and the page for browsers into a folder. */
async function bundle(folder: string): Promise<{ script: string; page: string }> {
  const [main, script, page] = ["main.ts", "main.mjs", "page.html"].map((name) => `${folder}/${name}`);
  const text = `${JSON.stringify(BEFORE)} + encodeURIComponent(JSON.stringify(await run())) + ${
    JSON.stringify(AFTER)
  }`;
  await Deno.writeTextFile(
    main!,
    `import { run } from ${JSON.stringify(PROGRAM.href)};
const text = ${text};
if (typeof document === "undefined") console.log(text);
else document.body.textContent = text;
`,
  );
  await output(Deno.execPath(), ["bundle", "--quiet", "--platform", "browser", "--output", script!, main!]);
  // A module of its own would be refused, as files have no origin.
  const code = (await Deno.readTextFile(script!)).replaceAll("</script", "<\\/script");
  await Deno.writeTextFile(
    page!,
    `<!doctype html><meta charset="utf-8"><body><script type="module">${code}</script>`,
  );
  return { script: script!, page: pathToFileURL(page!).href };
}

for (const { name, programs, args } of HOSTS) {
  const installed: boolean[] = granted ? await Promise.all(programs.map(isInstalled)) : [];
  const program = programs[installed.indexOf(true)];
  const isRequired = granted && Deno.env.get("CI") === "true";
  Deno.test({
    name: `${name} computes what Deno does`,
    ignore: !granted || program === undefined && !isRequired,
  }, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const { script, page } = await bundle(folder);
      const text = await output(program ?? programs[0]!, args(script, page));
      const start = text.indexOf(BEFORE);
      assert(start >= 0, `${name} printed no results:\n${text.slice(0, 2000)}`);
      const found = text.slice(start + BEFORE.length, text.indexOf(AFTER));
      assertEquals(JSON.parse(decodeURIComponent(found)), await run());
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

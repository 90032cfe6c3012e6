/** The library in one JavaScript file, run by other hosts. Those that are not installed are left out, but for CI. */
import { assert, assertEquals } from "@std/assert";
import { BROWSERS, findProgram, HEADLESS } from "./_programs.ts";
import { run } from "./program.ts";

const granted = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "write" })).state === "granted" &&
  (await Deno.permissions.query({ name: "env" })).state === "granted";
const PROGRAM = new URL("./program.ts", import.meta.url);
/** What comes before and after the results in all that a host prints; they are encoded as in a URL. */
const [BEFORE, AFTER] = ["[results:", ":results]"];

/** A host that runs a script and prints what it writes. */
interface Host {
  readonly name: string;
  /** Other names of the program. */
  readonly programs: readonly string[];
  /** Its arguments. */
  args(script: string): string[];
}

const HOSTS: readonly Host[] = [
  { name: "Node", programs: ["node"], args: (script) => [script] },
  { name: "Bun", programs: ["bun"], args: (script) => ["run", script] },
];

/** A page of a browser. */
interface PageKind {
  readonly name: string;
  /** Its Content-Security-Policy, if it has one. */
  readonly policy?: string;
  /** Whether the script runs in a worker. */
  readonly inWorker?: boolean;
}

const PAGES: readonly PageKind[] = [
  { name: "a page" },
  { name: "a worker", inWorker: true },
  {
    name: "a page whose policy allows WebAssembly, but no code made of text",
    policy: "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:",
  },
  {
    name: "a page whose policy allows neither code made of text nor WebAssembly",
    policy: "default-src 'self'; worker-src 'self' blob:",
  },
];

async function output(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" })
    .output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert(code === 0, `${program} ended with ${code}:\n${err}${out}`);
  return out!;
}

/** The library and the program in one file. */
async function bundle(folder: string): Promise<string> {
  const [main, script] = [`${folder}/main.ts`, `${folder}/main.mjs`];
  const results = `${JSON.stringify(BEFORE)} + encodeURIComponent(JSON.stringify(await run())) + ${
    JSON.stringify(AFTER)
  }`;
  await Deno.writeTextFile(
    main,
    `import { run } from ${JSON.stringify(PROGRAM.href)};
const text = ${results};
if (typeof Deno === "undefined" && typeof process === "undefined") await fetch("/results", { method: "POST", body: text });
else console.log(text);
`,
  );
  await output(Deno.execPath(), ["bundle", "--quiet", "--platform", "browser", "--output", script, main]);
  return script;
}

function readResults(host: string, text: string): Record<string, string> {
  const start = text.indexOf(BEFORE);
  assert(start >= 0, `${host} gave no results:\n${text.slice(0, 2000)}`);
  return JSON.parse(decodeURIComponent(text.slice(start + BEFORE.length, text.indexOf(AFTER))));
}

/** The pages that a browser asks for: the script, what starts it, and a place to send results and errors to. */
function serve(script: string, { policy, inWorker = false }: PageKind): {
  readonly server: Deno.HttpServer<Deno.NetAddr>;
  readonly results: Promise<string>;
} {
  const { promise, resolve } = Promise.withResolvers<string>();
  const report =
    "addEventListener('error', (e) => fetch('/results', { method: 'POST', body: String(e.message) }));" +
    "addEventListener('unhandledrejection', (e) => fetch('/results', { method: 'POST', body: String(e.reason) }));";
  const start = inWorker
    ? "new Worker('/main.mjs', { type: 'module' }).onerror = (e) => dispatchEvent(new ErrorEvent('error', e));"
    : "import('/main.mjs');";
  const pages: Record<string, readonly [type: string, body: string]> = {
    "/": ["text/html", `<!doctype html><meta charset="utf-8"><script src="/start.js"></script>`],
    "/start.js": ["text/javascript", report + start],
    "/main.mjs": ["text/javascript", script],
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") {
      resolve(await request.text());
      return new Response();
    }
    const page = pages[pathname];
    if (page === undefined) return new Response("no such page", { status: 404 });
    const headers = {
      "content-type": page[0],
      ...policy === undefined ? {} : { "content-security-policy": policy },
    };
    return new Response(page[1], { headers });
  });
  return { server, results: promise };
}

/** Opens a page in a browser until it has sent its results. */
async function browse(program: string, script: string, kind: PageKind): Promise<string> {
  const { server, results } = serve(await Deno.readTextFile(script), kind);
  const child = new Deno.Command(program, {
    args: [
      ...HEADLESS,
      `--user-data-dir=${script}.profile`,
      `http://127.0.0.1:${server.addr.port}/`,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<string>((resolve) =>
    timer = setTimeout(resolve, 120_000, "nothing in two minutes")
  );
  try {
    return await Promise.race([results, limit]);
  } finally {
    clearTimeout(timer);
    child.kill();
    await child.status;
    await server.shutdown();
  }
}

async function inFolder<R>(f: (folder: string) => Promise<R>): Promise<R> {
  const folder = await Deno.makeTempDir();
  try {
    return await f(folder);
  } finally {
    await removeFolder(folder);
  }
}

/** Removes a folder, in which a browser that has been ended may still be writing. */
async function removeFolder(folder: string, tries = 20): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (tries === 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
    await removeFolder(folder, tries - 1);
  }
}

const isRequired = granted && Deno.env.get("CI") === "true";

for (const { name, programs, args } of HOSTS) {
  const program = await findProgram(programs);
  Deno.test({
    name: `${name} computes what Deno does`,
    ignore: !granted || program === undefined && !isRequired,
  }, async () => {
    const text = await inFolder(async (folder) =>
      output(program ?? programs[0]!, args(await bundle(folder)))
    );
    assertEquals(readResults(name, text), await run());
  });
}

const browser = await findProgram(BROWSERS);
for (const kind of PAGES) {
  Deno.test({
    name: `Chromium computes what Deno does in ${kind.name}`,
    ignore: !granted || browser === undefined && !isRequired,
  }, async () => {
    const text = await inFolder(async (folder) =>
      browse(browser ?? BROWSERS[0]!, await bundle(folder), kind)
    );
    const expected = await run();
    // Without WebAssembly the rows are run one by one.
    if (kind.policy?.includes("wasm") === false) expected["compiled to"] = "replay";
    assertEquals(readResults("Chromium", text), expected);
  });
}

/**
 * The page to play in, on this machine alone: the tape explorer, which walks a formula forwards and backwards step by
 * step, and the playground, where a small network learns to tell points apart. `deno task explore`
 */
import { fail, readFlags, readNumber } from "./_command_line.ts";

const flags = readFlags(
  `Serves a page to explore tapes and to train small networks.

Usage: deno task explore [options]
  --port N         (default: 8100; 0 for a free one)
  --help           print this`,
  ["port"],
);
const isPort = (n: number): boolean => Number.isInteger(n) && n >= 0 && n <= 65535;
const port = readNumber("port", flags.port, isPort, "an integer from 0 to 65535") ?? 8100;

// Deno puts the page's modules and the library into one file each; nothing is written to the disk.
console.error("Putting the page together …");
const here = (name: string): string =>
  decodeURIComponent(new URL(`./explore/${name}`, import.meta.url).pathname);
const scripts = await Promise.all(["main", "playground/worker"].map(async (name) => {
  const { success, errors, outputFiles } = await Deno.bundle({
    entrypoints: [new URL(`./explore/${name}.ts`, import.meta.url).href],
    platform: "browser",
    minify: true,
    write: false,
  });
  if (!success) fail(`Cannot put the page together: ${errors.map(({ text }) => text).join("; ")}`);
  return outputFiles!.find(({ path }) => !path.endsWith(".css"))!.text();
}));

const sheets = ["style.css", "explorer/style.css", "playground/style.css"];
const [html, ...styles] = await Promise.all(
  ["index.html", ...sheets].map((name) => Deno.readTextFile(here(name))),
);
const files: { readonly [path: string]: readonly [type: string, text: string] } = {
  "/": ["text/html", html!],
  "/main.js": ["text/javascript", scripts[0]!],
  "/worker.js": ["text/javascript", scripts[1]!],
  ...Object.fromEntries(sheets.map((name, i) => [`/${name}`, ["text/css", styles[i]!] as const])),
};

Deno.serve({
  hostname: "127.0.0.1",
  port,
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/`),
}, (request) => {
  const file = files[new URL(request.url).pathname];
  if (file === undefined) return new Response("There is no such page", { status: 404 });
  return new Response(file[1], {
    headers: {
      "content-type": `${file[0]}; charset=utf-8`,
      // The compiler of the library makes WebAssembly and functions of text.
      "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; " +
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:",
    },
  });
});

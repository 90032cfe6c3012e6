import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { isReachable } from "../../.ci/with_std.ts";

const granted = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "net" })).state === "granted" &&
  (await Deno.permissions.query({ name: "write" })).state === "granted";
const SCRIPT = new URL("../../.ci/with_std.ts", import.meta.url);
const STAND_INS = new URL("../../.ci/jsr/", import.meta.url).href;

interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A deno command through the script, in an environment of its own. */
function command(args: readonly string[], env: Record<string, string>): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", SCRIPT.href, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function withStd(args: readonly string[], env: Record<string, string>): Promise<Printed> {
  const { code, stdout, stderr } = await command(args, env).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).trim();
  return { code, out: text(stdout), err: text(stderr) };
}

/** Where JSR can't be reached: nothing is downloaded yet, and the only way out is a proxy. */
async function behindProxy(port: number): Promise<Printed> {
  const folder = await Deno.makeTempDir();
  try {
    const proxy = `http://127.0.0.1:${port}`;
    return await withStd(["deno", "eval", 'console.log(Deno.env.get("JSR_URL"))'], {
      JSR_URL: "",
      DENO_DIR: folder,
      HTTPS_PROXY: proxy,
      https_proxy: proxy,
      NO_PROXY: "",
      no_proxy: "",
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Calls `f` with the port of a server that takes connections and never says a word. */
async function withSilentServer<T>(f: (port: number) => Promise<T>): Promise<T> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) connections.push(connection);
  })();
  try {
    return await f((listener.addr as Deno.NetAddr).port);
  } finally {
    listener.close();
    await accepting;
    connections.forEach((connection) => connection.close());
  }
}

/** Calls `f` with the address of a server that always gives the same answer. */
async function withServer<T>(answer: () => Response, f: (url: string) => Promise<T>): Promise<T> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  return await f(`http://127.0.0.1:${server.addr.port}/`);
}

Deno.test({ name: "with_std passes arguments and the exit code through", ignore: !granted }, async () => {
  const code = "console.log(JSON.stringify(Deno.args)); Deno.exit(7)";
  const args = ["two words", "--flag=a b", 'quo"te', "$HOME", "*", ""];
  assertEquals(await withStd(["deno", "eval", code, "--", ...args], { JSR_URL: "https://example.com/" }), {
    code: 7,
    out: JSON.stringify(args),
    err: "",
  });
});

Deno.test({ name: "with_std keeps a JSR_URL that is set, and asks nobody", ignore: !granted }, async () => {
  const url = "http://127.0.0.1:1/mine/";
  const { out, err } = await withStd(["deno", "eval", 'console.log(Deno.env.get("JSR_URL"))'], {
    JSR_URL: url,
  });
  assertEquals([out, err], [url, ""]);
});

Deno.test(
  { name: "with_std takes the stand-ins, in one line, if JSR can't be reached", ignore: !granted },
  async () => {
    assertEquals(await behindProxy(1), {
      code: 0,
      out: STAND_INS,
      err: "JSR cannot be reached: using the stand-ins in .ci/jsr",
    });
  },
);

Deno.test(
  { name: "with_std waits a few seconds for a network that does not answer", ignore: !granted },
  async () => {
    const start = performance.now();
    const { out, err } = await withSilentServer(behindProxy);
    assertEquals([out, err], [STAND_INS, "JSR cannot be reached: using the stand-ins in .ci/jsr"]);
    assertLess(performance.now() - start, 30_000);
  },
);

Deno.test(
  { name: "a registry is reachable if it answers with versions, in time", ignore: !granted },
  async () => {
    const page = '{ "versions": { "1.0.0": {} } }';
    assertEquals(await withServer(() => new Response(page), (url) => isReachable(url)), true);
    assertEquals(
      await withServer(() => new Response(page, { status: 403 }), (url) => isReachable(url)),
      false,
    );
    assertEquals(await withServer(() => new Response("<p>Log in"), (url) => isReachable(url)), false);
    assertEquals(await withSilentServer((port) => isReachable(`http://127.0.0.1:${port}/`, 50)), false);
  },
);

Deno.test({
  name: "with_std hands SIGTERM to its child and waits for it",
  ignore: !granted || Deno.build.os === "windows",
}, async () => {
  const code = `
    Deno.addSignalListener("SIGTERM", () => { console.log("ended"); Deno.exit(5); });
    console.log("ready");
    setTimeout(() => {}, 60_000);
  `;
  await using child = command(["deno", "eval", code], { JSR_URL: STAND_INS }).spawn();
  let out = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (out === "") child.kill("SIGTERM");
    out += text;
  }
  await child.stderr.cancel();
  assertEquals([out, (await child.status).code], ["ready\nended\n", 5]);
});

Deno.test({ name: "with_std says how it is called", ignore: !granted }, async () => {
  const { code, err } = await withStd(["make"], { JSR_URL: STAND_INS });
  assertEquals(code, 2);
  assertStringIncludes(err, "Usage");
});

/**
 * Runs a deno command with `@std` from JSR, or from the stand-ins in `.ci/jsr` where JSR can't be reached:
 * `deno run -A .ci/with_std.ts deno test -A`. Every task goes through this.
 */

/** Milliseconds after which JSR counts as out of reach. */
const PATIENCE = 4000;
const JSR = "https://jsr.io/";
const STAND_INS = new URL("./jsr/", import.meta.url).href;
/** What a terminal or a supervisor sends to end a command. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

/** The registry to take `@std` from. Commands below this one find the answer in `JSR_URL`, and don't ask again. */
async function chooseRegistry(): Promise<string> {
  const given = Deno.env.get("JSR_URL");
  if (given) return given;
  if (await isCached() || await isReachable(JSR)) return JSR;
  console.error("JSR cannot be reached: using the stand-ins in .ci/jsr");
  return STAND_INS;
}

/** True if everything that `probe.ts` imports from JSR has been downloaded before. */
async function isCached(): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", "--cached-only", new URL("./probe.ts", import.meta.url).href],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

/** True if the registry answers in time, and with the versions of a package rather than with a page of a proxy. */
export async function isReachable(registry: string, patience: number = PATIENCE): Promise<boolean> {
  try {
    const url = new URL("@std/assert/meta.json", registry);
    const answer = await fetch(url, { signal: AbortSignal.timeout(patience) });
    const page = await answer.text();
    return answer.ok && "versions" in JSON.parse(page);
  } catch {
    return false;
  }
}

/** Runs this deno with the arguments, hands on the signals, and gives the exit code. */
async function run(args: readonly string[], registry: string): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), { args: [...args], env: { JSR_URL: registry } }).spawn();
  for (const signal of SIGNALS) Deno.addSignalListener(signal, () => forward(child, signal));
  return (await child.status).code;
}

function forward(child: Deno.ChildProcess, signal: Deno.Signal): void {
  // Ctrl+C in a terminal goes to the child as well, and on Windows always.
  const hasIt = signal !== "SIGTERM" && (Deno.stdin.isTerminal() || Deno.build.os === "windows");
  if (hasIt) return;
  try {
    child.kill(signal);
  } catch {
    // It has ended in the meantime.
  }
}

if (import.meta.main) {
  const [program, ...args] = Deno.args;
  if (program !== "deno") {
    console.error("Usage: deno run -A .ci/with_std.ts deno <command> [arguments]");
    Deno.exit(2);
  }
  Deno.exit(await run(args, await chooseRegistry()));
}

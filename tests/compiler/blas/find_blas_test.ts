/** Which library is opened, and what is said where there is none. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { compile, useBlas, type Variable } from "../../../mod.ts";
import { testWithBlas } from "./_library.ts";

const square = (x: Variable): Variable => x.matmul(x);
const FFI = (await Deno.permissions.query({ name: "ffi" })).state === "granted";
const READ = (await Deno.permissions.query({ name: "read" })).state === "granted";
const RUN = (await Deno.permissions.query({ name: "run" })).state === "granted";

Deno.test("what is neither a text nor false is no library", () => {
  for (const choice of [5, true, null, {}]) {
    assertThrows(
      () => compile(square, { blas: choice as never }),
      TypeError,
      "Cannot apply compile: blas is ",
    );
    assertThrows(() => useBlas(choice as never), TypeError, "Cannot apply useBlas: blas is ");
  }
  compile(square, { blas: false });
  assertEquals(useBlas(false), null);
});

Deno.test("rows that are replayed in TypeScript go with no library", () => {
  assertThrows(
    () => compile(square, { blas: "auto", target: "replay" }),
    TypeError,
    'Cannot compile with blas and target "replay"',
  );
});

Deno.test({
  name: "a file that is not there, or no BLAS, is named",
  ignore: !FFI,
  fn() {
    const missing = "/no/such/library.so";
    assertThrows(() => useBlas(missing), RangeError, `the BLAS "${missing}": there is no such library`);
    assertThrows(() => useBlas(""), RangeError, "there is no such library");
    const other = { linux: "libm.so.6", darwin: "/usr/lib/libSystem.B.dylib" }[Deno.build.os as string];
    if (other === undefined) return;
    assertThrows(() => useBlas(other), RangeError, "it has no cblas_sgemm and cblas_dgemm");
  },
});

/** The code afresh, with nothing opened yet. */
async function fresh(name: string): Promise<(operation: string, choice: unknown) => unknown> {
  return (await import(`../../../src/compiler/blas/find_blas.ts?${name}`)).findBlas;
}

/** Runs a function while Deno opens libraries in another way, or in none. */
function withDlopen(dlopen: unknown, run: () => void): void {
  const before = Object.getOwnPropertyDescriptor(Deno, "dlopen")!;
  Object.defineProperty(Deno, "dlopen", { ...before, value: dlopen });
  try {
    run();
  } finally {
    Object.defineProperty(Deno, "dlopen", before);
  }
}

Deno.test({
  name: "where no library is found the message lists every name that was looked for",
  ignore: !FFI || !READ,
  async fn() {
    const find = await fresh("missing");
    const asked: string[] = [];
    const dlopen = (name: string): never => {
      asked.push(name);
      throw new Error(
        `Could not open library: ${name}: cannot open shared object file: No such file or directory`,
      );
    };
    withDlopen(dlopen, () => {
      const { message } = assertThrows(
        () => find("a test", "auto"),
        RangeError,
        "Cannot find a BLAS: looked for ",
      );
      assert(asked.length >= 3 && asked.every((name) => message.includes(name)), message);
      assert(Deno.build.os !== "linux" || message.includes("libopenblas.so.0, "), message);
    });
  },
});

Deno.test({
  name: "where nothing can call native libraries that is said",
  ignore: !READ,
  async fn() {
    const find = await fresh("elsewhere");
    withDlopen(undefined, () => {
      assertThrows(() => find("a test", "auto"), TypeError, "only Deno calls native libraries");
      assertEquals(find("a test", false), null);
    });
  },
});

Deno.test({
  name: "without --allow-ffi the message says to pass it",
  ignore: !RUN,
  async fn() {
    const code = `
      import { useBlas } from ${JSON.stringify(new URL("../../../mod.ts", import.meta.url).href)};
      try { useBlas("auto"); } catch (error) { console.log(error.name, error.message); }`;
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--no-prompt", "--allow-read", "-"],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    });
    const child = command.spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(code));
    await writer.close();
    const { stdout } = await child.output();
    const text = new TextDecoder().decode(stdout);
    assert(/^TypeError Cannot use a BLAS: .*--allow-ffi/.test(text), text);
  },
});

testWithBlas("a library is opened once by each name", (blas) => {
  assertEquals(useBlas("auto"), blas.name);
  let opened = 0;
  withDlopen(() => opened++, () => useBlas("auto"));
  assertEquals(opened, 0);
  useBlas(false);
});

/** Which library is used: one that was named, or the first of the usual ones that is there. */
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { type Blas, openBlas } from "./library.ts";

/**
 * A native library for large products: `"auto"` for the first of the usual ones that the machine has (OpenBLAS, on
 * macOS Accelerate, MKL), the name or path of one, or `false` for none. OpenBLAS and MKL are told how many threads to
 * use, others decide for themselves.
 */
export type BlasChoice = string | false;

const LINUX: readonly string[] = [
  "libopenblas.so.0",
  "libopenblas.so",
  "libopenblasp.so.0",
  "libmkl_rt.so.3",
  "libmkl_rt.so.2",
  "libmkl_rt.so",
];

/**
 * The usual names, by operating system. `libblas.so.3` is not among them, as it may be the reference BLAS, which is
 * slower than the kernels of this package.
 */
const NAMES: { readonly [system: string]: readonly string[] } = {
  linux: LINUX,
  darwin: [
    "/System/Library/Frameworks/Accelerate.framework/Accelerate",
    "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
    "/usr/local/opt/openblas/lib/libopenblas.dylib",
    "libmkl_rt.2.dylib",
  ],
  windows: ["libopenblas.dll", "openblas.dll", "mkl_rt.3.dll", "mkl_rt.2.dll", "mkl_rt.dll"],
};

const opened = new Map<string, Blas>();

/**
 * Opens the library that is wanted, at most once; nothing is looked for before it is asked for.
 *
 * @param operation The name that users know the asking function by
 * @returns Null where none is wanted
 * @throws {TypeError} If the choice is neither a text nor false; outside of Deno; without the permission `--allow-ffi`
 * @throws {RangeError} If there is no such library, or it is no BLAS
 */
export function findBlas(operation: string, choice: unknown): Blas | null {
  if (choice === false) return null;
  if (typeof choice !== "string") {
    throw new TypeError(
      message`Cannot apply ${operation}: blas is ${
        describeValue(choice)
      }, use "auto", the path of a library, or false`,
    );
  }
  const known = opened.get(choice);
  if (known !== undefined) return known;
  checkHost();
  const found = choice === "auto" ? findUsual() : openNamed(choice);
  opened.set(choice, found);
  return found;
}

/** Refuses hosts that can't call native libraries, or may not. */
function checkHost(): void {
  if (typeof globalThis.Deno?.dlopen !== "function") {
    throw new TypeError(
      "Cannot use a BLAS: only Deno calls native libraries from WebAssembly's memory; leave out blas, or run in Deno",
    );
  }
  // On a terminal this asks.
  if (Deno.permissions.requestSync({ name: "ffi" }).state !== "granted") {
    throw new TypeError(
      "Cannot use a BLAS: Deno may not call native libraries; run it with --allow-ffi (for all libraries: the address " +
        "of the programs' memory needs that)",
    );
  }
}

function openNamed(name: string): Blas {
  const { blas, reason } = tryToOpen(name);
  if (blas !== undefined) return blas;
  throw new RangeError(message`Cannot use the BLAS ${JSON.stringify(name)}: ${reason}`);
}

/** The first of the usual libraries. */
function findUsual(): Blas {
  const missed: string[] = [];
  for (const name of NAMES[Deno.build.os] ?? LINUX) {
    const { blas, reason } = tryToOpen(name);
    if (blas !== undefined) return blas;
    missed.push(reason === MISSING ? name : `${name} (${reason})`);
  }
  throw new RangeError(
    message`Cannot find a BLAS: looked for ${
      missed.join(", ")
    }; install OpenBLAS (Debian: libopenblas0-pthread), or pass
    the path of a library`,
  );
}

const MISSING = "there is no such library";

/** A library, or why it can't be used. */
function tryToOpen(name: string): { readonly blas?: Blas; readonly reason: string } {
  if (name === "") return { reason: MISSING };
  try {
    return { blas: openBlas(name), reason: "" };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (/cblas_[sd]gemm/.test(text)) return { reason: "it has no cblas_sgemm and cblas_dgemm" };
    const isMissing = /no such file|not found|could not be found|126/i.test(text);
    return { reason: isMissing ? MISSING : text.replace(/^(Could not open library: )+/, "") };
  }
}

let chosen: Blas | null = null;

/** The library that computes large products outside of compiled functions; null for none. */
export function arrayBlas(): Blas | null {
  return chosen;
}

/**
 * Has a native library compute matrix products and convolutions outside of compiled functions, from now on, where
 * they are large enough for it, those in the steps of `scan` and `whileLoop` included. Results agree with those
 * without it to rounding. What runs inside of a compiled function goes by the option `blas` of {@linkcode compile}.
 *
 * The library is called in one thread. It stays open as long as the process runs, also when it is used no more.
 *
 * @param choice `"auto"` for the first of the usual libraries that the machine has (OpenBLAS, on macOS Accelerate,
 *   MKL), the name or path of one that has `cblas_sgemm` and `cblas_dgemm`, or `false` for none, as at the start
 * @returns What the library was found by; `null` for none
 * @throws {TypeError} If the choice is neither a text nor false; outside of Deno; without the permission `--allow-ffi`
 * @throws {RangeError} If there is no such library, or it has no such products; the message lists what was looked for
 *
 * @example Run by `deno run --allow-ffi` on a machine with OpenBLAS
 * ```ts ignore
 * import { constant, useBlas } from "@tapegrad/tapegrad";
 *
 * console.log(useBlas("auto")); // libopenblas.so.0
 * const ones = constant(new Float32Array(512 * 512).fill(1)).reshape([512, 512]);
 * console.log(ones.matmul(ones).max().item()); // 512
 * ```
 */
export function useBlas(choice: BlasChoice): string | null {
  chosen = findBlas("useBlas", choice);
  return chosen?.name ?? null;
}

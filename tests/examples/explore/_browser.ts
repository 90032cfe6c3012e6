/** A headless browser, driven over its debugging protocol. */

import { BROWSERS, findProgram, HEADLESS } from "../../hosts/_programs.ts";

/** A page that is open. */
export interface BrowserPage extends AsyncDisposable {
  /** Evaluates an expression in the page, and waits for it if it is a promise. */
  evaluate<T>(expression: string): Promise<T>;
  /** Sets what the page is shown in. */
  emulate(options: { width: number; height: number; isDark?: boolean; isCalm?: boolean }): Promise<void>;
  /** Presses and releases a key, which a field that has the focus would type. */
  press(key: string): Promise<void>;
  /** Goes to an address and waits until the page has drawn itself. */
  open(url: string): Promise<void>;
  /** Waits until an expression is true. */
  until(expression: string): Promise<void>;
  /** A picture of the window. */
  screenshot(): Promise<Uint8Array<ArrayBuffer>>;
  /** Errors that the page has thrown or written. */
  readonly errors: readonly string[];
}

const granted = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "net" })).state === "granted" &&
  (await Deno.permissions.query({ name: "write" })).state === "granted" &&
  (await Deno.permissions.query({ name: "env" })).state === "granted";

/** The browser that is installed, if any; with CI=true one must be. */
export const browser: string | undefined = await findBrowser();

async function findBrowser(): Promise<string | undefined> {
  if (!granted) return undefined;
  return await findProgram(BROWSERS) ?? (Deno.env.get("CI") === "true" ? BROWSERS[0] : undefined);
}

/** Keys that are no characters, with what they type, if anything. */
const KEYS: { readonly [key: string]: { readonly code: number; readonly text?: string } } = {
  ArrowLeft: { code: 37 },
  ArrowUp: { code: 38 },
  ArrowRight: { code: 39 },
  ArrowDown: { code: 40 },
  Home: { code: 36 },
  End: { code: 35 },
  Escape: { code: 27 },
  Enter: { code: 13, text: "\r" },
  Tab: { code: 9 },
  Backspace: { code: 8 },
};

/** Starts a browser with an empty page. */
export async function launch(program: string): Promise<BrowserPage> {
  const profile = await Deno.makeTempDir();
  const child = new Deno.Command(program, {
    args: [
      ...HEADLESS,
      "--hide-scrollbars",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { port, stop } = await portOf(child.stderr);
  const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
  const url = targets.find(({ type }: { type: string }) => type === "page").webSocketDebuggerUrl;
  const socket = new WebSocket(url);
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  const waiting = new Map<number, PromiseWithResolvers<Record<string, never>>>();
  const errors: string[] = [];
  let count = 0;
  socket.addEventListener("message", ({ data }) => {
    const { id, method, params, result, error } = JSON.parse(data);
    if (method === "Runtime.exceptionThrown") {
      errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    }
    if (method === "Runtime.consoleAPICalled" && params.type === "error") {
      errors.push(JSON.stringify(params.args));
    }
    if (method === "Log.entryAdded" && params.entry.level === "error") errors.push(params.entry.text);
    if (error !== undefined) waiting.get(id)?.reject(new Error(error.message));
    else waiting.get(id)?.resolve(result);
    waiting.delete(id);
  });
  // deno-lint-ignore no-explicit-any
  const send = (method: string, params: object = {}): Promise<any> => {
    const answer = Promise.withResolvers<Record<string, never>>();
    waiting.set(++count, answer);
    socket.send(JSON.stringify({ id: count, method, params }));
    return answer.promise;
  };
  for (const domain of ["Page", "Runtime", "Log"]) await send(`${domain}.enable`);
  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) {
      throw new EvalError(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  };
  const until = async (expression: string): Promise<void> => {
    for (let tries = 0; tries < 400; tries++) {
      if (await evaluate<boolean>(`Boolean(${expression})`)) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new EvalError(`Waited in vain for ${expression}`);
  };
  return {
    evaluate,
    until,
    errors,
    async emulate({ width, height, isDark = false, isCalm = false }) {
      await send("Emulation.setDeviceMetricsOverride", {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: width < 600,
      });
      await send("Emulation.setEmulatedMedia", {
        features: [
          { name: "prefers-color-scheme", value: isDark ? "dark" : "light" },
          { name: "prefers-reduced-motion", value: isCalm ? "reduce" : "no-preference" },
        ],
      });
    },
    async press(key) {
      const { code, text = key.length === 1 ? key : undefined } = KEYS[key] ??
        { code: key.toUpperCase().charCodeAt(0) };
      const common = { key, windowsVirtualKeyCode: code, ...text === undefined ? {} : { text } };
      await send("Input.dispatchKeyEvent", {
        type: text === undefined ? "rawKeyDown" : "keyDown",
        ...common,
      });
      await send("Input.dispatchKeyEvent", { type: "keyUp", key, windowsVirtualKeyCode: code });
    },
    async open(url) {
      await send("Page.navigate", { url: "about:blank" });
      await send("Page.navigate", { url });
      await until(
        "document.readyState === 'complete' && document.querySelector('#playground .train') !== null",
      );
    },
    async screenshot() {
      const { data } = await send("Page.captureScreenshot", { format: "png" });
      return Uint8Array.fromBase64(data);
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      child.kill();
      await child.status;
      await stop();
      for (let tries = 0; tries < 20; tries++) {
        try {
          return await Deno.remove(profile, { recursive: true });
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 100)); // The browser may still be writing.
        }
      }
    },
  };
}

/** The port that the browser says it listens on, and how to stop listening to what it says. */
async function portOf(stream: ReadableStream<Uint8Array>): Promise<{ port: string; stop(): Promise<void> }> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  const reading = (async () => {
    let said = "";
    // Whatever comes later is read too, so that the browser is never held up.
    for (let { value } = await reader.read(); value !== undefined; { value } = await reader.read()) {
      said += decoder.decode(value, { stream: true });
      const port = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said)?.[1];
      if (port !== undefined) resolve(port);
    }
    reject(new EvalError(`The browser did not start: ${said}`));
  })();
  return {
    port: await promise,
    async stop() {
      await reader.cancel(); // Parts of the browser may live on for a moment, and hold the pipe.
      await reading;
    },
  };
}

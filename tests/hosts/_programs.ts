/** Programs that tests run the library in. */

/** The names of browsers. */
export const BROWSERS: readonly string[] = ["chromium", "chromium-browser", "google-chrome"];

/** What a browser is told so that it runs without a window, also as root and in a container. */
export const HEADLESS: readonly string[] = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
];

const granted = (await Deno.permissions.query({ name: "run" })).state === "granted";

/** Whether a program is there. */
export async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdin: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The first of some programs that is there; none without the permission to run them. */
export async function findProgram(programs: readonly string[]): Promise<string | undefined> {
  const installed: boolean[] = granted ? await Promise.all(programs.map(isInstalled)) : [];
  return programs[installed.indexOf(true)];
}

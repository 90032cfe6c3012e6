import { pathToFileURL } from "node:url";

/** Copies the stand-ins for `@std` into a new folder, and returns its URL, for `JSR_URL`. */
export async function copyStandIns(folder: string): Promise<string> {
  const to = pathToFileURL(`${folder}/`);
  await copyFolder(new URL("./jsr/", import.meta.url), to);
  return to.href;
}

async function copyFolder(from: URL, to: URL): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(new URL(`${name}/`, from), new URL(`${name}/`, to));
    else await Deno.copyFile(new URL(name, from), new URL(name, to));
  }
}

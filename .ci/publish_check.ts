// Runs `deno publish --dry-run`. Stand-ins must lie outside the package for it, or they count as its modules.
import { copyStandIns } from "./stand_ins.ts";

const folder = await Deno.makeTempDir();
try {
  const usesStandIns = Deno.env.get("JSR_URL")?.startsWith("file:");
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty", ...Deno.args],
    cwd: new URL("../", import.meta.url),
    env: usesStandIns ? { JSR_URL: await copyStandIns(folder) } : {},
  }).spawn().status;
  Deno.exitCode = code;
} finally {
  await Deno.remove(folder, { recursive: true });
}

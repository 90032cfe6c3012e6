/** What the package exports, as `deno doc` reads it. */
import settings from "../../deno.json" with { type: "json" };

/** The type of a parameter, as far as it is needed. */
export interface DocType {
  readonly kind: string;
  readonly repr: string;
  readonly value?: unknown;
}

/** A parameter of a function. */
export interface DocParameter {
  readonly kind: string;
  readonly name?: string;
  readonly optional?: boolean;
  readonly left?: DocParameter;
  readonly arg?: DocParameter;
  readonly tsType?: DocType;
}

/** An exported name and its declarations. */
export interface DocSymbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly def?: { readonly params?: readonly DocParameter[] };
  }[];
}

/** The published doors: `"."`, `"./nn"`, and their files. */
export const doors: Readonly<Record<string, string>> = settings.exports;

/** Whether this process may read files and run others. */
export const isGranted: boolean = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "read" })).state === "granted";

/** Everything a door exports. */
export async function readDoor(file: string): Promise<DocSymbol[]> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", file],
    cwd: new URL("../../", import.meta.url),
  });
  const { stdout } = await command.output();
  const page = JSON.parse(new TextDecoder().decode(stdout)) as {
    readonly nodes: Readonly<Record<string, { readonly symbols: readonly DocSymbol[] }>>;
  };
  return Object.values(page.nodes).flatMap((node) => node.symbols);
}

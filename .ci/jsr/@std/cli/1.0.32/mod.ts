/** A stand-in for what this project uses of command lines. */
export * from "./parse_args.ts";
export * from "./unicode_width.ts";

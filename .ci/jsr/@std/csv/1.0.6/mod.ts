/** A stand-in for the CSV functions this project uses. It needs nothing but what browsers have, too. */
export * from "./parse.ts";
export * from "./parse_stream.ts";
export * from "./stringify.ts";
export * from "./stringify_stream.ts";

/** Answers requests with the predictions of a model, which can be replaced while requests come in. */
import { tablePredictor, type TableRow } from "../src/cli/mod.ts";
import { loadModel } from "../src/io/mod.ts";
import type { Model } from "../src/nn/mod.ts";
import type { Variable } from "../mod.ts";

type AnyModel = Model<Variable, Variable>;

/** What a service accepts. */
export interface ServiceLimits {
  /** The most bytes of a request for predictions. */
  readonly requestBytes: number;
  /** The most bytes of a model. */
  readonly modelBytes: number;
  /** What those who replace the model have to know; undefined if nobody may. */
  readonly token: string | undefined;
}

/** A request that is refused, with the status that says so. */
class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, reason: string, headers: Readonly<Record<string, string>> = {}) {
    super(reason);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * Makes the handler for `Deno.serve`: `POST /predict` with `{ "inputs": [[…], …] }` gives `{ "outputs": [[…], …] }`, and
 * with `{ "rows": [{…}, …] }`, for a model that the command line trained, `{ "predictions": [{…}, …] }`;
 * `GET /model` says what the model is, and `POST /model` with the bytes of a saved model replaces it. A request that has
 * begun ends with the model that it began with.
 */
export function modelService(
  start: AnyModel,
  limits: ServiceLimits,
): (request: Request) => Promise<Response> {
  let current = { model: start, version: 1 };

  const predict = async (request: Request): Promise<unknown> => {
    const { model, version } = current;
    const { inputs, rows } = readInputs(await readBody(request, limits.requestBytes));
    if (rows !== undefined) {
      return { predictions: refuse(400, () => tablePredictor(model).predict(rows as TableRow[])), version };
    }
    const classes = model.metadata["classes"];
    const outputs = refuse(400, () => model.predict(inputs as number[][]));
    return { outputs, version, ...classes === undefined ? {} : { classes } };
  };

  const replace = async (request: Request): Promise<unknown> => {
    checkToken(request, limits.token);
    const bytes = await readBody(request, limits.modelBytes);
    const model = await loadModel(bytes).catch((error) => {
      throw refusalOf(400, error);
    });
    current = { model, version: current.version + 1 };
    return { version: current.version };
  };

  const describe = (): Promise<unknown> => {
    const { model, version } = current;
    const { metadata } = model;
    const parameters = Object.entries(model.parameters).map(([path, { shape }]) => ({ path, shape }));
    return Promise.resolve({ version, metadata, parameters });
  };

  const routes: Readonly<Record<string, Readonly<Record<string, (request: Request) => Promise<unknown>>>>> = {
    "/predict": { POST: predict },
    "/model": { GET: describe, POST: replace },
  };

  return async (request) => {
    try {
      const { pathname } = new URL(request.url);
      const methods = Object.hasOwn(routes, pathname) ? routes[pathname]! : undefined;
      if (methods === undefined) throw new Refusal(404, "There is POST /predict, GET /model and POST /model");
      if (!Object.hasOwn(methods, request.method)) {
        const allowed = Object.keys(methods).join(", ");
        throw new Refusal(405, `${pathname} takes ${allowed}`, { allow: allowed });
      }
      return Response.json(await methods[request.method]!(request));
    } catch (error) {
      if (!(error instanceof Refusal)) {
        console.error(error);
        return Response.json({ error: "The server failed" }, { status: 500 });
      }
      const { status, headers, message } = error;
      return Response.json({ error: message }, { status, headers });
    }
  };
}

/** The inputs of a request, or its rows by columns. */
function readInputs(body: Uint8Array): { inputs?: unknown; rows?: unknown } {
  const json = refuse(400, () => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
  const isObject = typeof json === "object" && json !== null && !Array.isArray(json);
  if (isObject && (Object.hasOwn(json, "inputs") || Object.hasOwn(json, "rows"))) return json;
  throw new Refusal(
    400,
    'Pass an object such as { "inputs": [[1, 2], [3, 4]] }, one row for each example, or { "rows": [{ "column": 1 }] } for a model that was trained on a table',
  );
}

/** The bytes of a request, as long as they are not too many: those that come after are not read. */
async function readBody(request: Request, most: number): Promise<Uint8Array> {
  const tooLarge = new Refusal(413, `The request is larger than ${most} bytes`, { connection: "close" });
  if (Number(request.headers.get("content-length") ?? 0) > most) throw tooLarge;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.length;
    if (size > most) throw tooLarge;
    parts.push(part);
  }
  const bytes = new Uint8Array(size);
  parts.reduce((at, part) => {
    bytes.set(part, at);
    return at + part.length;
  }, 0);
  return bytes;
}

/** Lets in who knows the token; how long that takes does not tell how much of it was right. */
function checkToken(request: Request, token: string | undefined): void {
  if (token === undefined) throw new Refusal(403, "The model can't be replaced: no token was set");
  const given = new TextEncoder().encode(request.headers.get("authorization") ?? "");
  const wanted = new TextEncoder().encode(`Bearer ${token}`);
  let difference = given.length ^ wanted.length;
  wanted.forEach((byte, i) => difference |= byte ^ (given[i] ?? 0));
  if (difference === 0) return;
  throw new Refusal(401, "Pass the token as Authorization: Bearer", { "www-authenticate": "Bearer" });
}

/** Runs what may fail by what was sent. */
function refuse<T>(status: number, part: () => T): T {
  try {
    return part();
  } catch (error) {
    throw refusalOf(status, error);
  }
}

/** An error about what was sent as a refusal; others stay as they are. */
function refusalOf(status: number, error: unknown): unknown {
  const isKnown = [TypeError, RangeError, SyntaxError].some((type) => error instanceof type);
  return isKnown ? new Refusal(status, (error as Error).message) : error;
}

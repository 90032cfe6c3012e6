import { emitConstant } from "../../../src/compiler/emit/lane_instructions.ts";
import { type LanePlan, planLanes } from "../../../src/compiler/emit/lane_plan.ts";
import { type Lane, Lanes, type LaneType } from "../../../src/compiler/math/lanes.ts";
import {
  br_if,
  func,
  i32,
  importMemory,
  local,
  loop,
  Module,
  relaxedSimd,
  v128,
} from "../../../src/compiler/wasm/writer.ts";

/** A function of arrays that runs lanes in WebAssembly. */
export interface LaneFunction {
  /** The arrays that the operands are put into, of `capacity` elements. */
  readonly inputs: readonly (Float32Array | Float64Array)[];
  readonly output: Float32Array | Float64Array;
  readonly plan: LanePlan;
  /** Computes the first `count` elements, a multiple of 4. */
  run(count: number): void;
}

/** Compiles lanes into a loop over arrays. */
export function laneFunction(
  type: LaneType,
  arity: number,
  build: (L: Lanes, ...inputs: Lane[]) => Lane,
  { capacity = 1 << 12, fused = relaxedSimd(), hoist = true, wanted }: {
    capacity?: number;
    fused?: boolean;
    hoist?: boolean;
    /** How many elements of each vector count. */
    wanted?: number;
  } = {},
): LaneFunction {
  const L = new Lanes(type, { fused });
  const plan = planLanes([build(L, ...Array.from({ length: arity }, (_, i) => L.input(i)))]);
  const bytes = capacity * (type === "f32x4" ? 4 : 8);
  const pages = Math.ceil((bytes * (arity + 1)) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages });
  const hoisted = hoist ? plan.constants : [];
  const code = func(
    {
      in: [i32],
      locals: [i32, ...new Array<typeof v128>(plan.localCount + hoisted.length).fill(v128)],
      out: [],
    },
    ([end], locals) => {
      const [at, ...vectors] = locals;
      const constants = new Map(hoisted.map((lane, i) => [lane, vectors[plan.localCount + i]!]));
      for (const [lane, vector] of constants) {
        emitConstant(lane);
        local.set(vector);
      }
      loop({}, (label) => {
        local.get(at);
        plan.emit(
          vectors,
          (i) => v128.load({ offset: bytes * i }, at),
          () => v128.store({ offset: bytes * arity }),
          constants,
          wanted,
        );
        i32.add(at, 16);
        local.tee(at);
        local.get(end);
        i32.lt_u();
        br_if(label);
      });
    },
  );
  const module = Module({
    exports: { run: code },
    memory: importMemory({ min: pages }, memory),
  });
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(module.toBytes()),
    module.importMap,
  );
  const array = (i: number): Float32Array | Float64Array =>
    type === "f32x4"
      ? new Float32Array(memory.buffer, bytes * i, capacity)
      : new Float64Array(memory.buffer, bytes * i, capacity);
  const run = instance.exports["run"] as (end: number) => void;
  return {
    inputs: Array.from({ length: arity }, (_, i) => array(i)),
    output: array(arity),
    plan,
    run: (count) => run(count * (type === "f32x4" ? 4 : 8)),
  };
}

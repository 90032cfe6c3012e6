"""Runs a step that step.ts wrote on all devices of all processes, and writes the model it arrives at."""
import argparse, json, os, re, struct
import jax, numpy as np
from jax.experimental import multihost_utils
from jax.extend.backend import get_backend, get_compile_options
from jax.sharding import Mesh, NamedSharding, PartitionSpec

TYPES = {"F32": np.float32, "F64": np.float64}

def read_model(path):
    data = open(path, "rb").read()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__", {})
    return metadata, {name: np.frombuffer(data[start + t["data_offsets"][0]:start + t["data_offsets"][1]], TYPES[t["dtype"]])
                      .reshape(t["shape"]) for name, t in header.items()}

def write_model(path, metadata, tensors):
    header, end = {"__metadata__": metadata}, 0
    for name, x in tensors.items():
        kind = next(kind for kind, dtype in TYPES.items() if x.dtype == dtype)
        header[name] = {"dtype": kind, "shape": x.shape, "data_offsets": [end, end := end + x.nbytes]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(x.tobytes() for x in tensors.values()))
    os.replace(path + ".part", path)  # the old file stays whole until the new one is written

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("folder", help="where step.mlir, model.safetensors and batches.npz are")
options.add_argument("--steps", type=int, help="all batches by default; more go through them again")
options.add_argument("--out", help="FOLDER/trained.safetensors by default")
options.add_argument("--every", type=int, default=10, help="steps between two files")
options.add_argument("--coordinator", help="HOST:PORT of process 0, where there are several processes")
options.add_argument("--processes", type=int)
options.add_argument("--process", type=int)
given = options.parse_args()

jax.config.update("jax_enable_x64", True)
if given.coordinator:
    jax.distributed.initialize(given.coordinator, given.processes, given.process, heartbeat_timeout_seconds=10)
text = open(f"{given.folder}/step.mlir").read()
metadata, tensors = read_model(f"{given.folder}/model.safetensors")
batches = np.load(f"{given.folder}/batches.npz")
count = len(jax.devices())
# A mesh of one axis takes all devices that there are.
text = re.sub(r'(sdy.mesh @mesh = <\["\w+"=)\d+\]', rf"\g<1>{count}]", text)
axes = re.findall(r'"(\w+)"=(\d+)', re.search(r"sdy.mesh @mesh = <\[(.*?)\]>", text)[1])
mesh = Mesh(np.array(jax.devices()).reshape([int(n) for _, n in axes]), [axis for axis, _ in axes])
text = re.sub(r"num_partitions = \d+", f"num_partitions = {count}", text)
named = re.findall(r'jax\.(arg|result)_info = "([^"]*)", sdy.sharding = #sdy.sharding<@mesh, \[(.*?)\]>', text)
places = {kind: [(name, NamedSharding(mesh, PartitionSpec(*[axis or None for axis in re.findall(r'\{"?(\w*)"?\}', split)])))
                 for each, name, split in named if each == kind] for kind in ("arg", "result")}
backend = get_backend()
compiled = get_compile_options(1, count, np.array([[d.id for d in jax.devices()]]), backend=backend)
compiled.executable_build_options.use_spmd_partitioning = True
compiled.executable_build_options.use_shardy_partitioner = True
step = backend.compile_and_load(text, jax.devices(), compiled)

def place(x, sharding):
    return jax.make_array_from_callback(x.shape, sharding, lambda index: np.asarray(x[index]))

def whole(x):
    return np.asarray(x.addressable_data(0) if x.is_fully_replicated else multihost_utils.process_allgather(x, tiled=True))

values = {name: place(tensors[name], sharding) for name, sharding in places["arg"] if name in tensors}
shapes = {name: x.shape for name, x in values.items()} | {"loss": ()}
total = given.steps or len(batches[batches.files[0]])
for i in range(total):
    args = [values[name] if name in values else place(batches[name][i % len(batches[name])], sharding)
            for name, sharding in places["arg"]]
    parts = step.execute_sharded(args).disassemble_into_single_device_arrays()
    values = {name: jax.make_array_from_single_device_arrays(shapes[name], sharding, part)
              for (name, sharding), part in zip(places["result"], parts)}
    if jax.process_index() == 0:
        print(f"step {i + 1}: loss {whole(values['loss']).item():.17g}", flush=True)
    if (i + 1) % given.every == 0 or i + 1 == total:
        tensors |= {name: whole(x) for name, x in values.items() if name in tensors}
        if jax.process_index() == 0:
            write_model(given.out or f"{given.folder}/trained.safetensors", metadata, tensors)

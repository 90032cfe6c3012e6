"""The cases in PyTorch on one thread.

Reads `{ "case", "checks", "seconds", "tensors": { name: { "shape", "start" } } }` and a file of float32 numbers, both
named on the command line, and prints the results of the first calls with the medians of wall and processor time.
"""

import json
import statistics
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
RATE = 0.05
HEADS = 4


def classify(p, h, y):
    return -(F.log_softmax(h @ p["w"] + p["b"], -1) * y).sum(-1).mean()


def logits(p, x):
    layers = sum(1 for name in p if name.startswith("w"))
    h = x
    for i in range(layers):
        h = h @ p[f"w{i}"] + p[f"b{i}"]
        if i < layers - 1:
            h = torch.relu(h)
    return h


def dense(p, x, y):
    return -(F.log_softmax(logits(p, x), -1) * y).sum(-1).mean()


def norm(x):
    return F.layer_norm(x, x.shape[-1:])


def attention(p, i, h):
    rows, steps, features = h.shape
    query, key, value = (
        (h @ p[f"{name}{i}"]).reshape(rows, steps, HEADS, features // HEADS).transpose(1, 2)
        for name in ("query", "key", "value")
    )
    weights = torch.softmax(query @ key.transpose(2, 3) * (HEADS / features) ** 0.5, -1)
    return (weights @ value).transpose(1, 2).reshape(rows, steps, features) @ p[f"merge{i}"]


def transformer(p, x, y):
    h = x
    for i in range(4):
        h = h + attention(p, i, norm(h))
        h = h + F.gelu(norm(h) @ p[f"up{i}"] + p[f"upBias{i}"]) @ p[f"down{i}"] + p[f"downBias{i}"]
    return classify(p, h.mean(1), y)


def lstm(p, x, y):
    units = p["recurrent"].shape[0]
    start = torch.zeros(1, x.shape[0], units)
    # Its gates stand in the same order; its kernels are transposed.
    weights = [p["kernel"].t(), p["recurrent"].t(), p["bias"], torch.zeros(4 * units)]
    output, *_ = torch.lstm(x, (start, start), weights, True, 1, 0.0, True, False, True)
    return classify(p, output[:, -1], y)


def convolution(x, filters):
    return F.conv2d(x, filters.permute(3, 2, 0, 1))


def shallow(p, x, y):
    h = torch.relu(convolution(x.permute(0, 3, 1, 2), p["filters"]) + p["bias"].reshape(-1, 1, 1))
    return classify(p, F.max_pool2d(h, 2).permute(0, 2, 3, 1).flatten(1), y)


def deep(p, x, y):
    h = torch.relu(convolution(x.permute(0, 3, 1, 2), p["filters"]) + p["bias"].reshape(-1, 1, 1))
    h = torch.relu(convolution(h, p["filters2"]) + p["bias2"].reshape(-1, 1, 1))
    return classify(p, F.max_pool2d(h, 2).permute(0, 2, 3, 1).flatten(1), y)


def training(loss_of, make):
    def begin(tensors):
        x, y = tensors.pop("x"), tensors.pop("y")
        p = {name: t.requires_grad_() for name, t in tensors.items()}
        optimizer = make(list(p.values()))

        def step():
            loss = loss_of(p, x, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return [loss.item()]

        return step

    return begin


def fit(tensors):
    x, y = tensors.pop("x"), tensors.pop("y")
    p = {name: t.requires_grad_() for name, t in tensors.items()}
    optimizer = torch.optim.SGD(list(p.values()), RATE)

    def epoch():
        losses = []
        for rows, labels in zip(x.split(64), y.split(64)):
            loss = dense(p, rows, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return [sum(losses) / len(losses)]

    return epoch


def iris(tensors):
    x, y = tensors.pop("x"), tensors.pop("y")

    def train():
        p = {name: t.clone().requires_grad_() for name, t in tensors.items()}
        optimizer = torch.optim.SGD(list(p.values()), 1.0)
        losses = []
        for _ in range(30):
            scores = torch.sigmoid(x @ p["w0"] + p["b0"]) @ p["w1"] + p["b1"]
            loss = F.binary_cross_entropy_with_logits(scores, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    return train


def product(tensors):
    return lambda: (tensors["a"] @ tensors["b"]).flatten().tolist() if checking else tensors["a"] @ tensors["b"]


def million(tensors):
    x = tensors["x"].requires_grad_()

    def run():
        x.grad = None
        value = (torch.tanh(x * 0.8 + 0.1).square() * torch.sigmoid(x)).sum()
        value.backward()
        return [value.item() / x.numel(), *x.grad[:8].tolist()]

    return run


def sgd(loss_of):
    return training(loss_of, lambda p: torch.optim.SGD(p, RATE))


BEGIN = {
    "MLP 784-128-10, batch 64, SGD": sgd(dense),
    "MLP 784-512-512-10, batch 128, Adam": training(dense, lambda p: torch.optim.Adam(p, 0.001, eps=1e-7)),
    "value and gradient, a million elements": million,
    "conv net 28x28x1, batch 32, SGD": sgd(shallow),
    "conv net of 32 and 64 channels, batch 32, SGD": sgd(deep),
    "transformer of 4 blocks, 8 rows of 64 x 128, SGD": sgd(transformer),
    "LSTM of 128 units, 32 rows of 50 steps, SGD": sgd(lstm),
    "fit, MLP 784-128-10, 20 batches of 64": fit,
    "eager MLP 784-128-10, batch 64, SGD": sgd(dense),
    "Iris, 30 epochs": iris,
    "Iris, 30 epochs, model.fit": iris,
}

task = json.load(open(sys.argv[1]))
numbers = np.fromfile(sys.argv[2], dtype=np.float32)
tensors = {}
for name, place in task["tensors"].items():
    size = int(np.prod(place["shape"]))
    data = numbers[place["start"] : place["start"] + size].reshape(place["shape"])
    tensors[name] = torch.from_numpy(data.copy())
checking = True
run = BEGIN.get(task["case"], product)(tensors)
results = [run() for _ in range(task["checks"])]
checking = False
walls, processors, begun = [], [], time.perf_counter()
while time.perf_counter() - begun < task["seconds"] * 4 / 3 or len(walls) < 5:
    wall, processor = time.perf_counter(), time.process_time()
    calls = 0
    while calls == 0 or time.perf_counter() - wall < 0.01:
        run()
        calls += 1
    if time.perf_counter() - begun < task["seconds"] / 3:
        continue
    walls.append((time.perf_counter() - wall) / calls)
    processors.append((time.process_time() - processor) / calls)
print(json.dumps({"results": results, "wall": statistics.median(walls), "processor": statistics.median(processors)}))

"""The models of fit_bench.ts in PyTorch on one thread: steps a second by processor time.

    python3 tests/bench/peers/fit_torch.py
"""

import time

import torch

torch.set_num_threads(1)


def model(sizes, dropout, normalization):
    layers = []
    for i, (rows, columns) in enumerate(zip(sizes, sizes[1:])):
        layers.append(torch.nn.Linear(rows, columns))
        if i == len(sizes) - 2:
            break
        if normalization:
            layers.append(torch.nn.BatchNorm1d(columns))
        layers.append(torch.nn.ReLU())
        if dropout:
            layers.append(torch.nn.Dropout(0.2))
    return torch.nn.Sequential(*layers)


def rate(sizes, batch, make, seconds=2.0, **options):
    torch.manual_seed(0)
    x, y = torch.rand(20_000, sizes[0]), torch.randint(0, sizes[-1], (20_000,))
    net = model(sizes, **options).train()
    optimizer = make(net.parameters())
    loss_of = torch.nn.CrossEntropyLoss()
    steps, start = 0, None
    while start is None or time.process_time() - start < seconds:
        order = torch.randperm(len(x))
        for rows in order.split(batch):
            loss = loss_of(net(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            steps += 1
            if steps == 20:
                start, first = time.process_time(), steps
            if start is not None and time.process_time() - start >= seconds:
                break
    return (steps - first) / (time.process_time() - start)


for name, sizes, batch, make in (
    ("784-128-10, batch 64, sgd", (784, 128, 10), 64, lambda p: torch.optim.SGD(p, 0.1)),
    ("784-512-512-10, batch 128, adam", (784, 512, 512, 10), 128, lambda p: torch.optim.Adam(p, 0.001)),
):
    for dropout, normalization in ((False, False), (True, False), (False, True), (True, True)):
        steps = rate(sizes, batch, make, dropout=dropout, normalization=normalization)
        print(f"{name}, dropout {dropout}, batch normalization {normalization}: {steps:.0f} steps/s", flush=True)

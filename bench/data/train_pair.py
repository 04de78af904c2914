"""Trains a small network and fine-tunes it three times, and writes the weights of all four as raw bf16: train_pair.py FOLDER.

Real optimizer updates for bench/delta.ts where no pair of published models is at hand. Needs torch; about a minute on two cores.
"""
import sys
from pathlib import Path

import torch
from torch import nn

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
torch.manual_seed(20261124)
torch.set_num_threads(2)

FEATURES, CLASSES, SAMPLES, BATCH = 256, 64, 20_480, 256


def network(width):
    return nn.Sequential(nn.Linear(FEATURES, width), nn.GELU(), nn.Linear(width, width), nn.GELU(), nn.Linear(width, CLASSES))


def task(seed):
    """Inputs in clusters, labelled by a random network: something to learn, and another seed is another task."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(SAMPLES, FEATURES, generator=generator) + 2 * torch.randn(16, FEATURES, generator=generator)[torch.arange(SAMPLES) % 16]
    labels = torch.randn(FEATURES, CLASSES, generator=generator)
    return inputs, (inputs @ labels + (inputs**2) @ labels.flip(0)).argmax(1)


def train(model, data, rate, epochs):
    inputs, labels = data
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(epochs):
        for batch in torch.randperm(SAMPLES).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(inputs[batch]), labels[batch]).backward()
            optimizer.step()


def write(model, name):
    weights = torch.cat([each.detach().flatten() for each in model.parameters() if each.dim() == 2])
    (folder / f"{name}.bf16").write_bytes(weights.to(torch.bfloat16).view(torch.int16).numpy().tobytes())


base = network(1024)
train(base, task(1), 1e-3, 12)
write(base, "base")
for rate, epochs in ((1e-5, 2), (5e-5, 2), (2e-4, 3)):
    tuned = network(1024)
    tuned.load_state_dict({name: each.to(torch.bfloat16).float() for name, each in base.state_dict().items()})
    train(tuned, task(2), rate, epochs)
    write(tuned, f"adam-{rate:.0e}-{epochs}-epochs")

"""Seconds that the safetensors package takes for some files: run_safetensors.py mmap|read FILE...

mmap: each tensor copied from the mapped file into memory that was allocated and touched before.
read: the file read into memory and parsed there, which allocates.
"""
import sys
import time

import torch
from safetensors import safe_open
from safetensors.torch import load


def by_mmap(path):
    with safe_open(path, framework="pt") as source:
        places = {}
        for name in source.keys():
            part = source.get_slice(name)
            places[name] = torch.zeros(part.get_shape(), dtype=torch.bfloat16 if part.get_dtype() == "BF16" else torch.float32)
            places[name].fill_(1)
    start = time.perf_counter()
    with safe_open(path, framework="pt") as source:
        for name in source.keys():
            places[name].copy_(source.get_tensor(name))
    return time.perf_counter() - start


def by_read(path):
    start = time.perf_counter()
    with open(path, "rb") as source:
        tensors = load(source.read())
    seconds = time.perf_counter() - start
    assert len(tensors) > 0
    return seconds


work = by_mmap if sys.argv[1] == "mmap" else by_read
print(sum(work(path) for path in sys.argv[2:]))

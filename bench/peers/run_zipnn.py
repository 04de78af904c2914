"""Compresses a file of weights chunk by chunk with the ZipNN package and prints sizes and times as one JSON object."""
import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
from importlib.metadata import version

from zipnn import ZipNN

path, dtype, chunk_bytes, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with open(path, "rb") as file:
    data = file.read()
chunks = [data[at : at + chunk_bytes] for at in range(0, len(data), chunk_bytes)]
codec = ZipNN(bytearray_dtype=dtype, input_format="byte", threads=1)


def timed(work, items):
    times = [[] for _ in items]
    results = []
    for turn in range(repeats + 1):
        results = []
        for index, original in enumerate(items):
            # ZipNN reorders its input in place, even bytes: it gets a copy, made outside the clock.
            item = bytearray(original)
            start = time.perf_counter()
            results.append(work(item))
            if turn > 0:
                times[index].append(time.perf_counter() - start)
    ordered = [sorted(each) for each in times]
    return results, sum(each[0] for each in ordered), sum(each[len(each) // 2] for each in ordered)


stored, compress_best, compress_median = timed(codec.compress, chunks)
back, decompress_best, decompress_median = timed(codec.decompress, stored)
if b"".join(bytes(each) for each in back) != data:
    sys.exit("ZipNN did not give the bytes back")
print(
    json.dumps(
        {
            "version": version("zipnn"),
            "share": sum(len(each) for each in stored) / len(data),
            "encode": {"best": len(data) / 1e9 / compress_best, "median": len(data) / 1e9 / compress_median},
            "decode": {"best": len(data) / 1e9 / decompress_best, "median": len(data) / 1e9 / decompress_median},
        }
    )
)

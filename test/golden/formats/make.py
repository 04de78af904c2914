"""Makes the golden files of this folder with the packages that people make models with, and expected.json beside them.

    python -m venv venv && venv/bin/pip install numpy==2.4.6 ml_dtypes==0.6.0 safetensors==0.8.0 gguf==0.19.0 onnx==1.23.2 torch==2.15.0
    venv/bin/python make.py

expected.json says of each file what those packages say: names, dtypes, shapes in row-major order of the bytes as they are
stored, and the SHA-256 of each tensor's bytes. PyTorch may be missing: then its files and what is expected of them stay.
"""
import hashlib
import json
import os
import shutil
import zipfile

import gguf
import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors import deserialize, safe_open
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
RANDOM = np.random.default_rng(20)
EXPECTED = {}


def at(name):
    path = os.path.join(HERE, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def tensor(name, dtype, shape, data):
    return {"name": name, "dtype": dtype, "shape": [int(n) for n in shape], "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def expect(file, fmt, tensors, external=None):
    EXPECTED[file] = {"format": fmt, "tensors": tensors, "external": external or {}}


def refuse(file, code):
    EXPECTED[file] = {"refused": code}


def floats(*shape):
    return RANDOM.normal(0, 0.02, shape).astype(np.float32)


def make_safetensors():
    weights = {
        "embed.weight": floats(37, 16).astype(ml_dtypes.bfloat16),
        "layers.0.weight": floats(16, 16).astype(np.float16),
        "layers.0.bias": floats(16),
        "scale": np.array(0.5, dtype=np.float64),
        "empty": np.zeros((0, 4), dtype=np.float32),
        "ids": np.arange(11, dtype=np.int64),
        "mask": np.array([True, False, True]),
        "codes": np.arange(-5, 6, dtype=np.int8),
        "bytes": np.arange(9, dtype=np.uint8),
        "halves": np.arange(5, dtype=np.uint16),
        "f8": floats(3, 3).astype(ml_dtypes.float8_e4m3fn),
        'näme "quoted" \\ 模型\n': np.arange(3, dtype=np.int32),
    }
    for file, metadata in (("mixed.safetensors", {"format": "pt", "größe": "a\tb"}), ("plain.safetensors", None)):
        save_file(weights if metadata else {"only": floats(2, 3, 4)}, at(file), metadata=metadata)
        with open(at(file), "rb") as made:
            parts = deserialize(made.read())
        expect(file, "safetensors", [tensor(name, part["dtype"], part["shape"], bytes(part["data"])) for name, part in parts])
        with safe_open(at(file), framework="np") as reader:
            EXPECTED[file]["metadata"] = reader.metadata() or {}
    save_file({}, at("none.safetensors"))
    expect("none.safetensors", "safetensors", [])


def make_gguf(file, alignment, types):
    writer = gguf.GGUFWriter(at(file), "llama")
    if alignment:
        writer.add_custom_alignment(alignment)
    writer.add_name("tiny")
    writer.add_context_length(2048)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_token_list([f"token {index} ü" for index in range(300)])
    writer.add_token_scores([float(index) for index in range(300)])
    writer.add_token_types([1] * 300)
    writer.add_array("nested.strings", ["", "b", "c" * 300])
    writer.add_bool("flag", True)
    writer.add_int64("big", -(2**62))
    for index, kind in enumerate(types):
        data = floats(4, 512) if index % 2 else floats(2, 3, 256)
        writer.add_tensor(f"blk.{index}.{kind.name}", gguf.quants.quantize(data, kind), raw_dtype=kind)
    writer.add_tensor("output_norm.weight", floats(7))
    writer.add_tensor("ids", np.arange(5, dtype=np.int32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    reader = gguf.GGUFReader(at(file))
    expect(file, "gguf", [tensor(t.name, t.tensor_type.name, reversed(t.shape.tolist()), t.data.tobytes()) for t in reader.tensors])


def initializer(name, array):
    return numpy_helper.from_array(array, name)


def branch(value):
    add = helper.make_node("Constant", [], ["out"], value=initializer("inner", floats(2)))
    return helper.make_graph([add], "branch", [], [helper.make_tensor_value_info("out", TensorProto.FLOAT, [2])], [initializer("w", value)])


def onnx_model(initializers):
    nodes = [
        helper.make_node("Identity", ["x"], ["y"]),
        helper.make_node("If", ["cond"], ["z"], then_branch=branch(floats(2)), else_branch=branch(floats(2))),
    ]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2]), helper.make_tensor_value_info("cond", TensorProto.BOOL, [])]
    outputs = [helper.make_tensor_value_info("z", TensorProto.FLOAT, [2])]
    graph = helper.make_graph(nodes, "graph", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], doc_string="made for a test")


def onnx_tensor(prefix, proto):
    kind = TensorProto.DataType.Name(proto.data_type)
    data = proto.raw_data if proto.HasField("raw_data") else numpy_helper.to_array(proto).tobytes()
    return tensor(prefix + proto.name, kind, proto.dims, data)


def make_onnx():
    raw = [
        initializer("f32", floats(3, 5)),
        initializer("f16", floats(4).astype(np.float16)),
        initializer("bf16", floats(6).astype(ml_dtypes.bfloat16)),
        initializer("i8", np.arange(-8, 8, dtype=np.int8)),
        initializer("i64", np.arange(4)),
        initializer("truth", np.array([[True], [False]])),
        initializer("i4", np.arange(-3, 4).astype(ml_dtypes.int4)),
        initializer("f8", floats(5).astype(ml_dtypes.float8_e5m2)),
        initializer("scalar", np.array(2.5, dtype=np.float64)),
        initializer("none", np.zeros((0, 3), dtype=np.float32)),
        helper.make_tensor("typed f32", TensorProto.FLOAT, [2, 2], [1.0, 2.0, 3.0, 4.0]),
        helper.make_tensor("typed f64", TensorProto.DOUBLE, [2], [1.0, -2.0]),
    ]
    varints = [helper.make_tensor("typed i64", TensorProto.INT64, [3], [1, 2, -3]), initializer("words", np.array(["a", "bc"], dtype=object))]
    model = onnx_model(raw + varints)
    onnx.save(model, at("model.onnx"))
    inner = [(f"#1.{index}/", attribute.g.initializer[0]) for index, attribute in enumerate(model.graph.node[1].attribute)]
    expect("model.onnx", "onnx", [onnx_tensor("", proto) for proto in raw] + [onnx_tensor(prefix, proto) for prefix, proto in inner])

    folder = at("external")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    parts = [initializer("a", floats(9)), initializer("b", floats(33, 33)), initializer("c", np.arange(100, dtype=np.int8))]
    outside = [onnx_tensor("", proto) for proto in parts]
    model = onnx_model(parts)
    inner = [onnx_tensor(f"#1.{index}/", attribute.g.initializer[0]) for index, attribute in enumerate(model.graph.node[1].attribute)]
    onnx.save(model, at("external/model.onnx"), save_as_external_data=True, location="weights.bin", size_threshold=64, convert_attribute=False)
    expect("external/model.onnx", "onnx", inner, {"weights.bin": outside})


def array_entry(name, array):
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    shape = array.shape[::-1] if fortran else array.shape
    return tensor(name, array.dtype.str, shape, array.tobytes(order="F" if fortran else "C"))


def make_numpy():
    arrays = {
        "c": floats(3, 4, 5),
        "fortran": np.asfortranarray(floats(3, 4)),
        "big": floats(5).astype(">f4"),
        "complex": floats(4).astype(np.complex128),
        "truth": np.array([True, False]),
        "scalar": np.array(7, dtype=np.uint16),
        "text": np.array(["ab", "c"]),
        "raw": np.array([b"ab", b"c"]),
        "when": np.array(["2026-01-01"], dtype="M8[ns]"),
        "none": np.zeros((0, 3)),
        "bf16": floats(4).astype(ml_dtypes.bfloat16),
    }
    for name, array in arrays.items():
        np.save(at(f"arrays/{name}.npy"), array)
        expect(f"arrays/{name}.npy", "numpy", [array_entry(name, array)])
    for version in ((2, 0), (3, 0)):
        file = f"arrays/version-{version[0]}.npy"
        with open(at(file), "wb") as out:
            np.lib.format.write_array(out, arrays["c"], version=version)
        expect(file, "numpy", [array_entry(f"version-{version[0]}", arrays["c"])])
    np.savez(at("arrays.npz"), objects=np.array([{}, None], dtype=object), records=np.zeros(2, dtype=[("a", "<f4")]), **arrays)
    expect("arrays.npz", "numpy", [array_entry(name, array) for name, array in arrays.items()])
    np.savez_compressed(at("compressed.npz"), c=arrays["c"])
    expect("compressed.npz", "numpy", [])
    np.save(at("arrays/objects.npy"), np.array([{}], dtype=object))
    refuse("arrays/objects.npy", "FORMAT_UNSUPPORTED")
    np.save(at("arrays/records.npy"), np.zeros(2, dtype=[("a", "<f4"), ("b", "<i2")]))
    refuse("arrays/records.npy", "FORMAT_UNSUPPORTED")


def make_pytorch(torch):
    torch.manual_seed(20)
    shared = torch.randn(20, 15).to(torch.bfloat16)
    state = {"a.weight": shared, "a.bias": torch.randn(7), "tied": shared, "codes": torch.arange(9, dtype=torch.int8), "none": torch.zeros(0)}
    torch.save(state, at("state.pt"))
    storages = [state["a.weight"], state["a.bias"], state["codes"], state["none"]]
    datas = [bytes(storage.untyped_storage()) for storage in storages]
    expect("state.pt", "pytorch", [tensor(f"state/data/{key}", "storage", [len(data)], data) for key, data in enumerate(datas)])
    with zipfile.ZipFile(at("state.pt")) as stored, zipfile.ZipFile(at("compressed.pt"), "w") as packed:
        for name in stored.namelist():
            packed.writestr(name, stored.read(name), zipfile.ZIP_DEFLATED if name == "state/data/0" else zipfile.ZIP_STORED)
    expect("compressed.pt", "pytorch", EXPECTED["state.pt"]["tensors"][1:])
    torch.save(state, at("legacy.pth"), _use_new_zipfile_serialization=False)
    refuse("legacy.pth", "FORMAT_UNSUPPORTED")

    class Linear(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.randn(4, 4))

        def forward(self, x):
            return x @ self.weight

    module = torch.jit.script(Linear())
    torch.jit.save(module, at("script.pt"))
    data = module.weight.detach().numpy().tobytes()
    expect("script.pt", "pytorch", [tensor("script/data/0", "storage", [len(data)], data)])


def main():
    with open(at("expected.json"), "a+", encoding="utf-8") as file:
        file.seek(0)
        before = json.loads(file.read() or "{}")
    make_safetensors()
    kinds = gguf.GGMLQuantizationType
    make_gguf("mixed.gguf", None, [kinds.F16, kinds.BF16, kinds.Q8_0, kinds.Q4_0, kinds.Q4_1, kinds.Q5_0, kinds.Q5_1, kinds.TQ1_0])
    make_gguf("aligned.gguf", 4096, [kinds.Q8_0])
    make_onnx()
    make_numpy()
    try:
        import torch
    except ImportError:
        EXPECTED.update({file: said for file, said in before.items() if file.endswith((".pt", ".pth"))})
    else:
        make_pytorch(torch)
    with open(at("expected.json"), "w", encoding="utf-8") as out:
        json.dump(EXPECTED, out, indent=1, ensure_ascii=False)
        out.write("\n")


main()

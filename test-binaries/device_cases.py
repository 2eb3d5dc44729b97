# SPDX-License-Identifier: BSD-2-Clause
"""A miniature CUDA library, and builds of it that differ in one thing each: what research/fatbin.md 3
measured. VARIANTS: name, how it differs, and what a comparison with the first build must say."""
import os
import shutil
import subprocess

SOURCE = """#include <cstdio>
#include <cassert>
__constant__ float table[4] = {1, 2, 3, 4};
__device__ int counter = 5;
__device__ float scale = 2.5f;
static __global__ void hidden(int *p) { p[threadIdx.x] += 3; }
__global__ void add(float *x, int n) {
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < n) x[i] = x[i] * table[i & 3] + 0.5f * scale;
}
__global__ void count(int *x, int n) {
	assert(n > 3);
	atomicAdd(&counter, 1);
	__shared__ int s[64];
	s[threadIdx.x] = x[threadIdx.x];
	__syncthreads();
	x[threadIdx.x] = s[n];
}
namespace { __global__ void local(int *x) { x[0] = x[1] ^ x[2]; } }
__noinline__ __device__ float wave(float a) { return sinf(a) * a; }
__global__ void curve(float *x) { x[0] = wave(x[0]) + wave(x[1]); }
__global__ void talk(int n) { if (n == 7) printf("at %d\\n", n); }
void run(int *p) { hidden<<<1, 1>>>(p); local<<<1, 1>>>(p); }
"""
ADDED = """__constant__ int extra[3] = {7, 8, 9};
__device__ int more = 6;
__global__ void addition(int *x) { x[0] = extra[x[1] & 1] + more++; }
"""
# Two machines and one PTX, so that "in every architecture" can be told from "in one".
MACHINES = ["-gencode", "arch=compute_80,code=sm_80", "-gencode",
            "arch=compute_90,code=[sm_90,compute_90]"]
KERNELS = 6
IMAGES = 2


class Variant:
    """verdict: of the device code; levels: names of kernels that are not equal, by level; whole: the
    verdict on the file, with its host code."""

    def __init__(self, name, verdict, source=SOURCE, options=(), levels=None, folder="same",
                 whole="modified", absolute=False):
        self.name, self.verdict, self.source, self.whole = name, verdict, source, whole
        self.options, self.levels, self.folder = list(options), levels or {}, folder
        self.absolute = absolute  # the compiler is given the whole path, and so __FILE__ is


def replaced(old, new):
    if SOURCE.count(old) != 1:
        raise ValueError("not once in the source: " + old)
    return SOURCE.replace(old, new)


NEAR_LINE = {"near-equal": {"count"}}
VARIANTS = [
    Variant("again", "equal", whole="repackaged"),
    Variant("elsewhere", "equal", folder="another/folder", whole="rebuilt"),
    Variant("by its path", "equal", folder="third", whole="rebuilt", absolute=True),
    Variant("by a long path", "equal", folder="/".join(["long" * 50] * 12), whole="rebuilt",
            absolute=True),
    Variant("host line", "equal", replaced("hidden<<<1, 1>>>", "hidden<<<2, 1>>>")),
    Variant("local variable", "equal", SOURCE.replace("int i =", "int j =").replace(
        "if (i < n) x[i] = x[i] * table[i & 3]", "if (j < n) x[j] = x[j] * table[j & 3]"),
            whole="repackaged"),
    Variant("line information", "equal", options=["-lineinfo"], whole="rebuilt"),
    Variant("host optimisation", "equal", options=["-O3", "-Xcompiler", "-O1"]),
    Variant("zstd", "equal", options=["-Xfatbin", "-compress-all"], whole="rebuilt"),
    Variant("lz4", "equal", whole="rebuilt",
            options=["-Xfatbin", "-compress-all", "-Xfatbin", "-compress-mode=speed"]),
    Variant("lines moved", "near-equal", "\n\n" + SOURCE, levels=NEAR_LINE),
    Variant("order of kernels", "near-equal", levels={"near-equal": {"count", "talk"}}, source=replaced(
        "__global__ void talk(int n) { if (n == 7) printf(\"at %d\\n\", n); }\n", "").replace(
            "static __global__ void hidden",
            "__global__ void talk(int n) { if (n == 7) printf(\"at %d\\n\", n); }\n"
            "static __global__ void hidden")),
    Variant("patched kernel", "modified", replaced("x[1] ^ x[2]", "x[1] ^ (x[2] + 1)"),
            levels={"different": {"local"}}),
    Variant("patched hidden kernel", "modified", replaced("+= 3", "+= p[0] * 5"),
            levels={"different": {"hidden"}}),
    Variant("constant of a module", "modified", replaced("{1, 2, 3, 4}", "{1, 2, 3, 5}")),
    Variant("kernel removed", "modified", replaced(
        "__global__ void talk(int n) { if (n == 7) printf(\"at %d\\n\", n); }\n", ""),
            levels={"only left": {"talk"}, "near-equal": {"count", "curve"}}),
    Variant("kernel with variables added", "modified", ADDED + SOURCE,
            levels={"near-equal": {"add", "count", "curve", "talk"},
                    "only right": {"addition"}}),
    Variant("other optimisation", "rebuilt", options=["-Xptxas", "-O1"], whole="rebuilt", levels={
        "different": {"add", "count", "curve", "talk"}}),
]


def find_nvcc():
    """The compiler, or None."""
    return shutil.which("nvcc") or next(
        (p for p in ("/usr/local/cuda/bin/nvcc",) if os.path.exists(p)), None)


def build(nvcc, directory, variant):
    """Builds one variant as a shared library; gives its path. Names hold a hash of the path of the
    source, so all are built in one place, one after the other."""
    folder = os.path.join(directory, variant.folder)
    path = os.path.join(directory, variant.name.replace(" ", "-") + ".so")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "kernels.cu"), "w", encoding="ascii") as file:
        file.write(variant.source)
    subprocess.run([nvcc, "-shared", "-Xcompiler", "-fPIC", "-Xlinker", "--build-id", *MACHINES,
                    *variant.options, os.path.join(folder if variant.absolute else "", "kernels.cu"),
                    "-o", path], check=True, cwd=folder,
                   capture_output=True)
    return path


def build_relocatable(nvcc, directory):
    """A program of two separately compiled units that nvcc links: one linked image, two parts."""
    os.makedirs(directory, exist_ok=True)
    sources = {"first.cu": "extern __device__ int twice(int);\n"
                           "__global__ void a(int *x) { x[0] = twice(x[1]); }\n",
               "second.cu": "__device__ int twice(int a) { return 2 * a; }\n"
                            "__global__ void b(int *x) { x[0] = twice(x[1]); }\n"
                            "int main() { return 0; }\n"}
    for name, text in sources.items():
        with open(os.path.join(directory, name), "w", encoding="ascii") as file:
            file.write(text)
    subprocess.run([nvcc, "-rdc=true", "-arch=sm_90"] + list(sources) + ["-o", "program"],
                   check=True, cwd=directory, capture_output=True)
    return os.path.join(directory, "program")

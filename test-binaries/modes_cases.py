# SPDX-License-Identifier: BSD-2-Clause
"""The ways to distribute that a question started from, as roots that elfleft scan reads: who links or
runs whom, under which licence, and the answer. The same are written down as models in modes/*.case.

expect: (rule, path of the subject, path of the provider or None, heaviest outcome); never: rules, or
(rule, path of the subject); work: heaviest outcome of the work of each program."""

PRODUCT = "/opt/acme/bin/server"
POLICY = """version: 1
own:
  - {match: "opt/acme/**", name: acme-server, licence: LicenseRef-Acme-Proprietary}
"""
TORCH = "/usr/lib/libtorch_cpu.so.2.6"
GOMP = "/usr/lib/libgomp.so.1"
CUDART = "/usr/local/lib/python3.11/site-packages/nvidia/cuda_runtime/lib/libcudart.so.12"
READLINE = "/lib/libreadline.so.8"
LIBC = "/lib/libc.so.6"
PLUGIN = "/opt/other/libfilter.so"
SERVICE = "/usr/sbin/agpl-service"
SOCKET = ("extern int socket(int, int, int), %s(int, const void *, unsigned);\n"
          "static const struct { unsigned short family; char path[108]; } address = "
          "{1, \"/run/agpl.sock\"};\n"
          "int talk(void) { int s = socket(1, 1, 0); return %s(s, &address, sizeof(address)); }\n")
NAMES = "socket connect bind listen accept execv dlopen".split()


def base(root):
    root.library(LIBC, package="libc6",
                 extra="".join("long %s(void) { return 0; }\n" % name for name in NAMES))


def image(root):
    """Python, PyTorch, CUDA, a shell: what an image for PyTorch holds, in small."""
    base(root)
    root.library(GOMP, needs=[LIBC],
                 package=("libgomp1", "12.2.0-14", "GPL-3+ with GCC-Runtime-3.1 exception",
                          "gcc-12 (12.2.0-14)"))
    root.library(CUDART, needs=[LIBC])
    root.library(TORCH, needs=[GOMP, CUDART, LIBC],
                 package=("libtorch2.6", "2.6.0+dfsg-7", "BSD-3-clause", "pytorch (2.6.0+dfsg-7)"))
    root.library(READLINE, needs=[LIBC], package=("libreadline8", "8.2-1.3", "GPL-3+", "readline"))
    root.program("/bin/bash", needs=[READLINE, LIBC], package=("bash", "5.2.15-2", "GPL-3+"))
    root.program(PRODUCT, needs=[TORCH, LIBC])


def closed_product(root):
    """A closed product on an image with PyTorch and CUDA is shipped."""
    image(root)


def offered_as_service(root):
    """The same image is offered as a service; nobody gets a copy."""
    image(root)


def patched_pytorch(root):
    """A patched PyTorch is shipped."""
    image(root)
    root.library("/usr/lib/libdnnl.so.3", needs=[LIBC],
                 package=("libdnnl3", "3.7-1", "Apache-2.0", "onednn"))


def agpl_plugin(root):
    """A plugin under the AGPL is loaded into the closed product."""
    base(root)
    root.library(PLUGIN, needs=[LIBC], package=("filter", "1.0-1", "AGPL-3+"))
    root.program(PRODUCT, needs=[LIBC],
                 extra="extern void *dlopen(const char *, int);\n"
                       "void *load(void) { return dlopen(\"%s\", 2); }\n" % PLUGIN)


def agpl_service_over_socket(root):
    """The closed product talks to a service under the AGPL over a socket."""
    base(root)
    root.program(SERVICE, needs=[LIBC], package=("agpl-service", "1.0-1", "AGPL-3+"),
                 extra=SOCKET % ("bind", "bind"))
    root.program(PRODUCT, needs=[LIBC], extra=SOCKET % ("connect", "connect"))


def jupyter_and_sshd_beside(root):
    """Jupyter, an SSH server and a shell lie in the image beside the product."""
    base(root)
    root.library("/usr/lib/libcrypto.so.3", needs=[LIBC],
                 package=("libssl3", "3.0.15-1", "Apache-2.0", "openssl"))
    root.library(READLINE, needs=[LIBC], package=("libreadline8", "8.2-1.3", "GPL-3+", "readline"))
    root.program("/bin/bash", needs=[READLINE, LIBC], package=("bash", "5.2.15-2", "GPL-3+"))
    root.program("/usr/sbin/sshd", needs=["/usr/lib/libcrypto.so.3", LIBC],
                 package=("openssh-server", "9.2-1", "BSD-2-clause"),
                 extra="extern int execv(const char *, char *const *);\n"
                       "int login(char **v) { return execv(\"/bin/bash\", v); }\n")
    root.text("/usr/bin/jupyter", "#!/bin/bash\nexec /bin/bash\n",
              package=("jupyter-core", "4.12-1", "BSD-3-clause"))
    root.program(PRODUCT, needs=[LIBC])


CASES = [
    {"build": closed_product,
     "expect": [("ship-notice", TORCH, None, "notice"),
                ("ship-conditions", CUDART, None, "notice"),
                ("ship-source-work", GOMP, None, "source-offer"),
                ("ship-source-work", "/bin/bash", None, "source-offer"),
                ("ship-source-library", LIBC, None, "source-offer"),
                ("link-library", PRODUCT, LIBC, "notice")],
     "never": [("link-copyleft", PRODUCT), ("link-copyleft", TORCH), "work-conflict"],
     "works": {PRODUCT: "source-offer"}},
    {"build": offered_as_service, "options": ["--distribution", "network"],
     "expect": [], "never": ["link-copyleft", "ship-source-work", "ship-notice"],
     "works": {PRODUCT: "clear", "/bin/bash": "clear"}},
    {"build": patched_pytorch,
     "policy": POLICY + "modified:\n  - {component: pytorch, reason: our patches}\n"
                        "  - {component: onednn, reason: our patches}\n",
     "expect": [("ship-notice", TORCH, None, "notice"),
                ("ship-modified", "/usr/lib/libdnnl.so.3", None, "notice")],
     "never": [("ship-modified", TORCH), ("link-copyleft", TORCH)], "works": {}},
    {"build": agpl_plugin,
     "expect": [("link-copyleft", PRODUCT, PLUGIN, "conflict"),
                ("ship-source-network", PLUGIN, None, "source-offer")],
     "never": [], "works": {PRODUCT: "conflict"}},
    {"build": agpl_service_over_socket,
     "expect": [("ipc-separate", PRODUCT, SERVICE, "clear"),
                ("ship-source-network", SERVICE, None, "source-offer")],
     "never": ["link-copyleft", "network-offer"],
     "works": {PRODUCT: "source-offer", SERVICE: "source-offer"}},
    {"build": jupyter_and_sshd_beside,
     "expect": [("ship-notice", "/usr/sbin/sshd", None, "notice"),
                ("ship-source-work", "/bin/bash", None, "source-offer"),
                ("ipc-separate", "/usr/sbin/sshd", "/bin/bash", "clear")],
     "never": [("link-copyleft", PRODUCT), ("link-copyleft", "/usr/sbin/sshd"), "work-conflict"],
     "works": {PRODUCT: "source-offer", "/usr/sbin/sshd": "source-offer"}},
]

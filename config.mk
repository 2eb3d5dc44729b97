# SPDX-License-Identifier: BSD-2-Clause
# What a packager may want to change. Every value can be given on the command line of make.
VERSION     := 0.1.0
SOVERSION   := 0
PREFIX      ?= /usr/local
BINDIR      ?= $(PREFIX)/bin
LIBDIR      ?= $(PREFIX)/lib
INCLUDEDIR  ?= $(PREFIX)/include
MANDIR      ?= $(PREFIX)/share/man
DATADIR     ?= $(PREFIX)/share/elfleft
DESTDIR     ?=

CC          ?= gcc
AR          ?= ar
OBJCOPY     ?= objcopy
READELF     ?= readelf
PKG_CONFIG  ?= pkg-config
PYTHON      ?= /usr/bin/python3

# Debian 12 packages. build: to compile; check: to run the tests; demo: the binaries of make demo.
PACKAGES_BUILD := gcc g++ libc6-dev make binutils pkg-config libelf-dev libbsd-dev libssl-dev \
	libseccomp-dev libcapstone-dev libdwarf-dev libarchive-dev libxxhash-dev libzstd-dev \
	liblz4-dev liblzma-dev zlib1g-dev libyaml-dev libjansson-dev
PACKAGES_CHECK := libcmocka-dev perl python3 python3-jsonschema mandoc elfutils patchelf \
	musl
# Other compilers and machines, of which the tests build fixtures.
PACKAGES_TRY   := clang lld gcc-aarch64-linux-gnu libc6-dev-arm64-cross
PACKAGES_DEMO  := libtorch1.13 ffmpeg python3-torch
PACKAGES_ALL   := qemu-user-static clang-format clang-tidy libclang-rt-14-dev shellcheck strace \
	debootstrap

# Libraries used: pkg-config names. Lazy ones are loaded by the runs that need them, and not at the
# start of each (src/util/lazy.h); give every function used of them a row there.
LIBRARIES   := libelf libbsd-overlay libseccomp libxxhash libzstd liblz4 zlib
LAZY_LIBRARIES := capstone libcrypto libarchive liblzma yaml-0.1 jansson
# The same where a library has no pkg-config file: what follows -l.
LAZY_NAMES  := dwarf stdc++

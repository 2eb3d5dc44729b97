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
PKG_CONFIG  ?= pkg-config
PYTHON      ?= /usr/bin/python3

# Debian 12 packages. build: to compile; check: to run the tests; demo: the binaries of make demo.
PACKAGES_BUILD := gcc g++ libc6-dev make binutils pkg-config libelf-dev libbsd-dev libssl-dev \
	libseccomp-dev libcapstone-dev libarchive-dev libxxhash-dev libzstd-dev liblz4-dev zlib1g-dev
PACKAGES_CHECK := libcmocka-dev perl python3 python3-jsonschema mandoc elfutils patchelf
PACKAGES_DEMO  := libtorch1.13 ffmpeg python3-torch
PACKAGES_ALL   := clang clang-format clang-tidy libclang-rt-14-dev shellcheck

# Libraries used: pkg-config names.
LIBRARIES   := libelf libbsd-overlay libcrypto libseccomp capstone libarchive libxxhash libzstd liblz4 zlib

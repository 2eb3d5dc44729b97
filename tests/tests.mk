# SPDX-License-Identifier: BSD-2-Clause
# Everything that checks, measures or shows; included by the Makefile.

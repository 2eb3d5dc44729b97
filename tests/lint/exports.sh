#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The libraries export what elfleft.h declares, no more and no less.
status=0
declared=$(sed -n 's/^ELFLEFT_API.*[ *]\(elfleft_[a-z_]*\)(.*/\1/p' include/elfleft.h | sort)
shared=$(nm -D --defined-only "$BUILD/libelfleft.so" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort)
static=$(nm -g --defined-only "$BUILD/libelfleft.a" | awk 'NF == 3 { print $3 }' | sort)
[ -n "$declared" ] || { echo "no declarations found in elfleft.h" && status=1; }
[ "$declared" = "$shared" ] || { echo "libelfleft.so exports: $shared" && status=1; }
case $BUILD in
*-san*) ;; # sanitizers add symbols of their own
*) [ "$declared" = "$static" ] || { echo "libelfleft.a exports: $static" && status=1; } ;;
esac
for name in $declared; do
	grep -q "Fn.* $name\b\|Fo $name\b\|Nm $name\b" man/elfleft.3 || {
		echo "man/elfleft.3 does not document $name" && status=1
	}
done
exit $status

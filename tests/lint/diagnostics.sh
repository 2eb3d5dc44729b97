#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every diagnostic is explained in elfleft.1, once, with the code and text of the catalogue.
status=0
sed -n 's/^DIAG([A-Z_]*, "\(EL[0-9]*\)", [A-Z]*, [01], "\(.*\)").*/\1 \2/p' src/util/diag.def |
	sed 's/\([^,]\)$/\1/' >"${BUILD:-build}/diagnostics.txt"
count=$(grep -c '^DIAG(' src/util/diag.def)
[ "$(wc -l <"$BUILD/diagnostics.txt")" -eq "$count" ] || {
	echo "diag.def: a row this lint cannot read" && status=1
}
cut -d' ' -f1 "$BUILD/diagnostics.txt" | sort | uniq -d | grep . && {
	echo "diag.def: a code twice" && status=1
}
while read -r code text; do
	grep -q "^\.It $code: $text\$" man/elfleft.1 || {
		echo "man/elfleft.1 DIAGNOSTICS lacks: .It $code: $text" && status=1
	}
done <"$BUILD/diagnostics.txt"
grep -o '^\.It EL[0-9]*' man/elfleft.1 | cut -d' ' -f2 | while read -r code; do
	grep -q "^$code " "$BUILD/diagnostics.txt" || echo "man/elfleft.1 explains unknown $code"
done | grep . && status=1
exit $status

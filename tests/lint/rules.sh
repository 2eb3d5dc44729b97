#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every rule of the judgement is explained in elfleft.1, with the title reports show.
status=0
sed -n 's/^RULE("\([a-z-]*\)", "\(.*\)")$/\1: \2/p' src/reach/rules.def >"${BUILD:-build}/rules.txt"
[ "$(wc -l <"$BUILD/rules.txt")" -eq "$(grep -c '^RULE(' src/reach/rules.def)" ] || {
	echo "rules.def: a row this lint cannot read" && status=1
}
while read -r rule; do
	grep -qxF ".It $rule" man/elfleft.1 || {
		echo "man/elfleft.1 RULES lacks: .It $rule" && status=1
	}
done <"$BUILD/rules.txt"
# A rule is used under the name it has in the table.
grep -ho '\.rule = "[a-z-]*"' src/reach/*.c | cut -d'"' -f2 | sort -u | while read -r rule; do
	grep -q "^$rule: " "$BUILD/rules.txt" || echo "src/reach: rule $rule is not in rules.def"
done | grep . && status=1
exit $status

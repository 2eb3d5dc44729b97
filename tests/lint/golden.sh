#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every row of the rule matrix has a case, or says why not; every case says what it rests on.
status=0
tab=$(printf '\t')
rows=tests/golden/reach/rows.tsv
while IFS="$tab" read -r row cases note; do
	case $row in '#'* | row) continue ;; esac
	[ "$cases" = - ] && [ -z "$note" ] && echo "$rows: $row: neither case nor reason" && status=1
	[ "$cases" = - ] && continue
	cited=
	for name in $cases; do
		case $name in
		pairs.tsv) file=tests/golden/reach/$name ;;
		modes/*) file=test-binaries/$name.case ;;
		*) file=tests/golden/reach/$name.case ;;
		esac
		[ -e "$file" ] || { echo "$rows: $row: no $file" && status=1; }
		# What finds nothing says in its first lines which clause that rests on.
		grep -q '^expect .*"' "$file" && cited=1
		[ "$name" = pairs.tsv ] && cited=1
		grep -q '^expect ' "$file" || grep -q '^#.*\( s\.[0-9]\|FAQ #\)' "$file" && cited=1
	done
	[ -n "$cited" ] || { echo "$rows: $row: no case expects a citation" && status=1; }
done <"$rows"
for file in tests/golden/reach/*.case test-binaries/modes/*.case; do
	head -n 1 "$file" | grep -q '^# ' || { echo "$file: no word of what it rests on" && status=1; }
	grep -q '^\(expect\|never\|at-most\|says\|path\|id\|verdict\) ' "$file" ||
		{ echo "$file: expects nothing" && status=1; }
done
exit $status

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every rule is in the manual under its title, cites a clause, and nothing else is there.
status=0
rules=$(tr '\n' ' ' <src/reach/rules.def | sed 's/RULE(/\nRULE(/g' |
	sed -n 's/^RULE([A-Z_]*, *"\([a-z-]*\)", *"\([^"]*\)",.*/\1: \2/p' | sort)
manual=$(sed -n '/^\.Sh RULES/,/^\.Sh DIAGNOSTICS/s/^\.It //p' man/elfleft.1 | sort)
[ -n "$rules" ] || { echo 'src/reach/rules.def: no rule found' && status=1; }
[ "$rules" = "$manual" ] || {
	echo 'man/elfleft.1: RULES differs from src/reach/rules.def (rules, manual):'
	printf '%s\n' "$rules" >"$BUILD/rules.txt"
	printf '%s\n' "$manual" | diff "$BUILD/rules.txt" -
	status=1
}
for rule in $(sed -n 's/^RULE(\([A-Z_]*\),.*/\1/p' src/reach/rules.def); do
	grep -q "^CLAUSE($rule, " src/reach/clauses.def ||
		{ echo "src/reach/clauses.def: rule $rule cites nothing" && status=1; }
done
exit $status

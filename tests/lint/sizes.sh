#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No file above 600 lines, no function above 80.
status=0
for file in $(git ls-files 'src/*.c' 'src/*.h' 'include/*.h' 'tests/unit/*.c' 2>/dev/null); do
	lines=$(wc -l <"$file")
	[ "$lines" -le 600 ] || { echo "$file: $lines lines, more than 600" && status=1; }
	awk -v file="$file" '
		/^[a-zA-Z_].*\(/ && !/;[ \t]*$/ { name = $0 }
		/^{/ { start = NR }
		/^}/ && start {
			if (NR - start - 1 > 80) {
				printf "%s:%d: function of %d lines: %s\n", file, start, NR - start - 1, name
				bad = 1
			}
			start = 0
		}
		END { exit bad }' "$file" || status=1
done
exit $status

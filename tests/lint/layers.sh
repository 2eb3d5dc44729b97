#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A stage includes only stages that come before it in the pipeline, and util.
status=0
seen='util'
for stage in util artifact binary depend evidence licence reach report scan; do
	seen="$seen $stage"
	for file in src/"$stage"/*.[ch]; do
		[ -e "$file" ] || continue
		for used in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
			case " $seen " in
			*" $used "*) ;;
			*) echo "$file: includes $used/, a later stage" && status=1 ;;
			esac
		done
	done
done
# The tool sees the public library alone.
grep -n '^#include "' src/tool/*.[ch] | grep -v '"tool/' && {
	echo "src/tool includes an inner header" && status=1
}
# Libraries stay in their rooms.
room() {
	header=$1 allowed=$2
	for file in $(grep -lE "^#include <($header)>" src/*/*.[ch]); do
		# shellcheck disable=SC2254 # a pattern is what it holds
		case $file in
		$allowed) ;;
		*) echo "$file: includes <$header>, which belongs to $allowed" && status=1 ;;
		esac
	done
}
room 'gelf\.h|libelf\.h|libdwarf.*|dwarf\.h|capstone.*' 'src/binary/*'
room 'seccomp\.h|linux/landlock\.h' 'src/util/sandbox.*'
room 'archive\.h|archive_entry\.h' 'src/artifact/container*'
room 'openssl/.*' 'src/util/digest*'
room 'yaml\.h' 'src/reach/policy_*'
# Reporters see the finished view alone; only view*.c knows the stages.
for file in src/report/*.[ch]; do
	case $file in src/report/view*) continue ;; esac
	grep -nE '^#include "(artifact|binary|depend|evidence|licence|reach)/' "$file" && {
		echo "$file: a reporter reaches past the view" && status=1
	}
done
exit $status

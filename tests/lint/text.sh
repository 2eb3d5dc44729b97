#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Licence headers, banned functions, careful wording.
status=0
for file in $(git ls-files 'src/*' 'include/*' 'tests/*.sh' 'tests/*.py' 'tests/*.t' 'tests/*.c' \
	'test-binaries/*.c' 'test-binaries/*.py' Makefile config.mk '*.mk' '.ci/*' 2>/dev/null); do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' || {
		case $file in
		*.map | tests/golden/* | tests/truth/*) ;;
		*) echo "$file: no SPDX header" && status=1 ;;
		esac
	}
done
# No shell, no unbounded copies, no execution of anything. Our own libraries load late (util/lazy.h).
grep -nwE 'system|popen|strcpy|strcat|sprintf|vsprintf|gets|alloca|tmpnam|mktemp|execve?|execvp?e?|execlp?|posix_spawnp?|dlopen' \
	src/*/*.c | grep -v '^src/util/lazy\.c:.*dlopen(library->soname' | grep -E '\b[a-z_]+ ?\(' | grep -wE '(system|popen|strcpy|strcat|sprintf|vsprintf|gets|alloca|tmpnam|mktemp|execve?|execvp?e?|execlp?|posix_spawnp?|dlopen) ?\(' && {
	echo "a banned function" && status=1
}
grep -niE 'illegal|infect|contaminat|must (be )?open|viral' src/*/*.[ch] src/*/*.def include/*.h man/* \
	README.md data/README data/*.tsv test-binaries/modes/* && {
	echo "wording about licences: facts and citations only" && status=1
}
git grep -nE '^(<{7}|>{7}) ' -- . && {
	echo "a merge that was not finished" && status=1
}
exit $status

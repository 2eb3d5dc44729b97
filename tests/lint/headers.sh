#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each header compiles alone; the public one also as strict C11 and as C++.
status=0
for header in src/*/*.h; do
	echo "#include \"${header#src/}\"" |
		${CC:-cc} -std=gnu11 -D_GNU_SOURCE -isystem /usr/include/bsd -DLIBBSD_OVERLAY -Wall -Wextra \
			-Werror -Isrc -Iinclude -fsyntax-only -x c - || {
		echo "$header does not compile alone" && status=1
	}
done
echo '#include <elfleft.h>' | ${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror -Iinclude \
	-fsyntax-only -x c - || status=1
if command -v g++ >/dev/null; then
	echo '#include <elfleft.h>' | g++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -Iinclude \
		-fsyntax-only -x c++ - || status=1
else
	echo "headers: no g++, the C++ check of elfleft.h is SKIPPED"
fi
exit $status

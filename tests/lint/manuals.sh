#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Manuals are well-formed, and the option lists are those of the program.
status=0
for page in man/*.[1-9]; do
	mandoc -Tlint -Wwarning "$page" || { echo "$page: mandoc complains" && status=1; }
done
"$ELFLEFT" completion mdoc >"$BUILD/options.mdoc"
sed -n '/BEGIN GENERATED/,/END GENERATED/p' man/elfleft.1 | sed '1d;$d' |
	diff -u - "$BUILD/options.mdoc" || {
	echo "man/elfleft.1: option lists differ from the program: run make man" && status=1
}
exit $status

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Manuals are well-formed, the option lists are those of the program, and so are commands and schemas.
status=0
for page in man/*.[1-9]; do
	mandoc -Tlint -Wwarning "$page" || { echo "$page: mandoc complains" && status=1; }
done
"$ELFLEFT" completion mdoc >"$BUILD/options.mdoc"
sed -n '/BEGIN GENERATED/,/END GENERATED/p' man/elfleft.1 | sed '1d;$d' |
	diff -u - "$BUILD/options.mdoc" || {
	echo "man/elfleft.1: option lists differ from the program: run make man" && status=1
}
synopsis=$(sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' man/elfleft.1)
for command in $(sed -n 's/^COMMAND(\([a-z]*\),.*/\1/p' src/tool/commands.def); do
	printf '%s\n' "$synopsis" | grep -qx "\.Cm $command" || {
		echo "man/elfleft.1: no $command under SYNOPSIS" && status=1
	}
done
for schema in data/schema/*.json; do
	grep -q "${schema##*/}" man/elfleft.1 || {
		echo "man/elfleft.1: does not name ${schema##*/}" && status=1
	}
done
exit $status

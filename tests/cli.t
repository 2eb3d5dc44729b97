#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The command line as a user meets it: help, usage errors, outputs, completions, installation.
. tests/lib/tap.sh
elfleft=${ELFLEFT:-build/elfleft}
build=${BUILD:-build}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

says() { # TEXT STATUS COMMAND...: output holds TEXT
	local text=$1 status=$2 out got=0
	shift 2
	out=$("$@" 2>&1) || got=$?
	[ "$got" -eq "$status" ] || { echo "exit status $got, expected $status: $out"; return 1; }
	grep -qF -- "$text" <<<"$out" || { echo "no '$text' in: $out"; return 1; }
}

check 'no command is a usage error' says 'no command' 3 "$elfleft"
check 'an unknown command is a usage error' says "unknown command 'frobnicate'" 3 "$elfleft" frobnicate
check 'an unknown option is a usage error' says 'unknown option --frobnicate' 3 "$elfleft" scan --frobnicate
check 'a missing argument is a usage error' says 'needs an argument' 3 "$elfleft" scan --root
check 'an unknown format is a usage error' says "unknown format 'xml'" 3 "$elfleft" scan -f xml /bin/true
check 'an unknown CPU is a usage error' says "'z80' is no value for --cpu" 3 "$elfleft" tree --cpu z80 /bin/true
check 'jobs must be a number' says "'x' is no value for --jobs" 3 "$elfleft" tree -j x /bin/true
check 'jobs must not be 0' says "'0' is no value for --jobs" 3 "$elfleft" tree -j 0 /bin/true
check 'tree wants one file' says 'tree takes one file' 3 "$elfleft" tree
check 'two reports cannot share the output' says 'only one report' 3 "$elfleft" scan -f json -f text /bin/true
check 'tiers without links are refused' says "'code' is no value for --tiers" 3 "$elfleft" scan --tiers code /bin/true
check 'help goes to stdout with status 0' says 'commands:' 0 "$elfleft" --help
check 'help of a command lists its options' says '--library-path LIST' 0 "$elfleft" tree --help
check 'help takes a command' says 'usage: elfleft scan' 0 "$elfleft" help scan
check 'the version is that of config.mk' says "elfleft $(sed -n 's/^VERSION *:= *//p' config.mk)" 0 "$elfleft" --version
check 'a root that does not exist is trouble' exits 2 "$elfleft" tree --root "$tmp/none" /bin/true
check 'a reference that does not exist is named' says "--reference $tmp/none: not found" 3 "$elfleft" scan --reference "$tmp/none" /bin/true
check 'so is what a reference is to be made of' says "$tmp/none: not found" 2 "$elfleft" index build --reference -o "$tmp/o" "$tmp/none"
references_of_references() {
	"$elfleft" index build -q --reference -o "$tmp/o.elfref" /bin/true &&
		says "$tmp/o.elfref: it is a reference already" 3 "$elfleft" index build --reference -o "$tmp/o2" "$tmp/o.elfref" &&
		says "$tmp/o.elfref: it is a reference already" 3 "$elfleft" verify --write-reference "$tmp/o2" "$tmp/o.elfref"
}
check 'a reference is none of what references are made of' references_of_references
check 'a full disk is trouble' says 'No space left' 2 "$elfleft" tree -o /dev/full /bin/true

several_reports() {
	"$elfleft" scan -f json="$tmp/a.json" -f text="$tmp/a.txt" /bin/true &&
		grep -q '"schema_version"' "$tmp/a.json" && grep -q 'legal advice' "$tmp/a.txt"
}
check 'several reports in one run' several_reports
colours() {
	"$elfleft" tree --color=always /bin/true | grep -q $'\033' &&
		! "$elfleft" tree --color=never /bin/true | grep -q $'\033' &&
		! "$elfleft" tree /bin/true | grep -q $'\033' &&
		CLICOLOR_FORCE=1 "$elfleft" tree /bin/true | grep -q $'\033' &&
		! CLICOLOR_FORCE=1 NO_COLOR=1 "$elfleft" tree /bin/true | grep -q $'\033'
}
check 'colours follow option, environment, terminal' colours
own_environment() {
	"$elfleft" tree /bin/true >"$tmp/plain" && LD_LIBRARY_PATH=$tmp "$elfleft" tree /bin/true |
		cmp - "$tmp/plain"
}
check 'LD_LIBRARY_PATH of the shell changes nothing' own_environment

bash_completion() {
	"$elfleft" completion bash >"$tmp/bash" && bash -n "$tmp/bash" &&
		bash -c '. "$1"; COMP_WORDS=(elfleft scan --li); COMP_CWORD=2; _elfleft
			[ "${COMPREPLY[*]}" = --library-path ]' - "$tmp/bash"
}
check 'bash completes an option' bash_completion
check 'zsh completion is there' says '--library-path=' 0 "$elfleft" completion zsh
check 'fish completion is there' says '-l library-path' 0 "$elfleft" completion fish

installs() {
	make -s install BUILD="$build" PREFIX=/usr DESTDIR="$tmp/dest" ${SAN:+SAN=$SAN} >/dev/null &&
		[ -x "$tmp/dest/usr/bin/elfleft" ] &&
		[ -e "$tmp/dest/usr/lib/libelfleft.so" ] &&
		[ -e "$tmp/dest/usr/lib/pkgconfig/elfleft.pc" ] &&
		[ -e "$tmp/dest/usr/share/man/man1/elfleft.1" ] &&
		[ -e "$tmp/dest/usr/share/elfleft/known-components.tsv" ] &&
		[ -e "$tmp/dest/usr/share/elfleft/schema/scan.schema.json" ]
}
consumer() { # -static: the archive; else the shared library
	cat >"$tmp/consumer.c" <<'C'
#include <elfleft.h>
#include <stdio.h>
static bool out(void *user, const void *bytes, size_t size)
{
	return fwrite(bytes, 1, size, user) == size;
}
int main(int argc, char **argv)
{
	struct elfleft *context = elfleft_new();
	struct elfleft_result *result;
	if (argc < 2 || elfleft_set(context, ELFLEFT_JOBS, "1") || elfleft_add_path(context, argv[1]))
		return 9;
	if (elfleft_set(context, ELFLEFT_CPU, "z80") != ELFLEFT_ERROR_USAGE)
		return 8;
	if (elfleft_scan(context, &result))
		return 7;
	elfleft_free(context);
	if (elfleft_result_write(result, "json", NULL, out, stdout))
		return 6;
	elfleft_result_free(result);
	return 0;
}
C
	local lib=$tmp/dest/usr/lib libs="-lelfleft"
	if [ "$1" = -static ]; then # what the installed elfleft.pc asks for
		libs=$(PKG_CONFIG_PATH=$lib/pkgconfig pkg-config --print-requires-private elfleft)
		# shellcheck disable=SC2086
		libs="$lib/libelfleft.a $(pkg-config --libs $libs) -lpthread"
	fi
	# shellcheck disable=SC2086
	${CC:-cc} -I"$tmp/dest/usr/include" -L"$lib" -o "$tmp/consumer" "$tmp/consumer.c" $libs &&
		LD_LIBRARY_PATH=$lib "$tmp/consumer" /bin/true | grep -q '"complete": true'
}
case $build in
*-san*) skip 'a program links the installed library' 'sanitized library' ;;
*)
	check 'make install fills DESTDIR' installs
	check 'a program links the installed shared library' consumer
	check 'a program links the installed static library' consumer -static
	;;
esac
finish

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Tables of knowledge: form, unique keys, a source for every row, known words, ids that exist.
status=0
complain() {
	echo "$1" && status=1
}
for table in data/*.tsv; do
	LC_ALL=C awk -F '\t' -v table="$table" '
		function bad(text) { printf "%s:%d: %s\n", table, FNR, text; failed = 1 }
		/\r/ || /(^|\t) / || / (\t|$)/ { bad("white space around a field") }
		!columns && /^# / { dated = dated || /^# date: [0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]$/; next }
		!columns { columns = NF; source = $NF ~ /^source/ ? NF : 0; two = $2 ~ /^(ecosystem|soname|before|basis)$/; next }
		NF != columns { bad(NF " fields instead of " columns) }
		$1 == "" { bad("empty key") }
		seen[tolower($1) (two ? "\t" $2 : "")]++ { bad("\"" $1 "\" a second time") }
		$source == "" { bad("no source") }
		END {
			if (!dated) bad("no \"# date: YYYY-MM-DD\"")
			if (!source) bad("the last column is not the source")
			exit failed
		}' "$table" || status=1
	iconv -f utf-8 -t utf-8 "$table" >/dev/null || complain "$table: not UTF-8"
	grep -q "^$(basename "$table") " data/README || complain "data/README says nothing of $table"
done

# Words are those of src/licence/knowledge.h.
classes=$(sed -n 's/^\tLICENCE_CLASS_\([A-Z_]*\),.*/\1/p' src/licence/knowledge.h |
	tr 'A-Z_\n' 'a-z- ')
[ -n "$classes" ] || complain "no classes found in src/licence/knowledge.h"
awk -F '\t' -v classes=" $classes" '
	function bad(text) { printf "data/licences.tsv:%d: %s\n", FNR, text; failed = 1 }
	/^# / || $1 == "spdx_id" { next }
	!index(classes, " " $3 " ") { bad("unknown class " $3) }
	$1 !~ /^[A-Za-z0-9.+-]+$/ { bad("not an SPDX idstring: " $1) }
	{ for (i = 4; i <= 7; i++) if ($i !~ (i == 5 ? "^[yn?]$" : "^[yn]$")) bad("column " i " is " $i)
	  for (i = 8; i <= 9; i++) if ($i !~ /^[yn?]$/) bad("column " i " is " $i) }
	END { exit failed }' data/licences.tsv || status=1
awk -F '\t' '
	function bad(text) { printf "data/exceptions.tsv:%d: %s\n", FNR, text; failed = 1 }
	/^# / || $1 == "id" { next }
	$1 !~ /^[A-Za-z0-9.-]+$/ { bad("not an SPDX idstring: " $1) }
	$4 == "" || $5 !~ /^(y|n|partial|n\/a|y\(.+\))$/ { bad("direction or reach: " $4 ", " $5) }
	$6 !~ /^(free|headers|-)$/ { bad("in_combination: " $6) }
	$6 == "free" && $7 !~ /./ { bad("no words on the combination") }
	END { exit failed }' data/exceptions.tsv || status=1
ecosystems="spdx-deprecated debian-dep5 debian-exception rpm-fedora-old python-classifier python-license conda conda-family"
awk -F '\t' -v ecosystems=" $ecosystems generic ambiguous " '
	function bad(text) { printf "data/licence-names.tsv:%d: %s\n", FNR, text; failed = 1 }
	/^# / || $1 == "alias" { next }
	!index(ecosystems, " " $2 " ") { bad("unknown ecosystem " $2) }
	$4 !~ /^(high|medium|low)$/ { bad("confidence " $4) }
	END { exit failed }' data/licence-names.tsv || status=1

awk -F '\t' '
	function bad(text) { printf "data/known-components.tsv:%d: %s\n", FNR, text; failed = 1 }
	/^# / || $1 == "pattern" { next }
	$2 == "" || $4 == "" { bad("no name or licence") }
	$2 in licence && licence[$2] != $4 { bad("another licence of " $2) }
	{ licence[$2] = $4 }
	END { exit failed }' data/known-components.tsv || status=1

awk -F '\t' '
	function bad(text) { printf "data/header-components.tsv:%d: %s\n", FNR, text; failed = 1 }
	/^# / || $1 == "pattern" { next }
	$1 !~ /^[A-Za-z_][A-Za-z0-9_]*::$/ && $1 !~ /\// { bad("neither a namespace nor a path") }
	$2 == "" || $3 == "" { bad("no name or licence") }
	$2 in licence && licence[$2] != $3 { bad("another licence of " $2) }
	$2 in own && own[$2] != $5 { bad("other files of its own for " $2) }
	$4 !~ /^(medium|low)$/ { bad("confidence " $4) }
	$5 == "" || $5 ~ /(^|,)\*(,|$)/ { bad("own: " $5) }
	{ licence[$2] = $3; own[$2] = $5 }
	END { exit failed }' data/header-components.tsv || status=1

# System libraries: known profiles; what must and what must not be one, by either profile.
awk -F '\t' '
	/^# / || $1 == "pattern" { next }
	$2 !~ /^(gpl3,distro|distro)$/ {
		printf "data/system-libraries.tsv:%d: profiles %s\n", FNR, $2
		failed = 1
	}
	END { exit failed }' data/system-libraries.tsv || status=1
counts() { # NAME PROFILE: whether a pattern of that profile matches
	grep -v '^#' data/system-libraries.tsv | while IFS='	' read -r pattern profiles _; do
		# shellcheck disable=SC2254
		case ,$profiles, in *,$2,*) case $1 in $pattern) echo yes ;; esac ;; esac
	done | grep -q yes
}
for name in libc.so.6 libm.so.6 ld-linux-x86-64.so.2 ld-linux.so.2 libgcc_s.so.1 libstdc++.so.6 \
	libX11.so.6 libxcb-shm.so.0 libc.musl-x86_64.so.1; do
	for profile in gpl3 distro; do
		counts $name $profile ||
			complain "data/system-libraries.tsv: $name does not count under $profile"
	done
done
for name in libssl.so.3 libcrypto.so.1.1; do
	counts $name gpl3 && complain "data/system-libraries.tsv: $name counts under gpl3"
	counts $name distro || complain "data/system-libraries.tsv: $name does not count under distro"
done
for name in libcudart.so.12 libcuda.so.1 libcublas.so.12 libmkl_core.so.2 libGL.so.1 \
	libreadline.so.8 libgmp.so.10 libgnutls.so.30 libcrypt.so.1 libc.so.6.evil libcups.so.2 libcap.so.2 libsslkeylog.so; do
	counts $name gpl3 && complain "data/system-libraries.tsv: $name counts under gpl3"
	counts $name distro && complain "data/system-libraries.tsv: $name counts under distro"
done

# Changes: in order, one licence from each to the next, and one of them the index's own, word by word.
grep -v '^#' data/licence-changes.tsv | sed 1d | LC_ALL=C sort -c -t '	' -k 1,1 -k 2,2V ||
	complain "data/licence-changes.tsv: not by component and version"
awk -F '\t' '
	function bad(text) { printf "data/licence-changes.tsv: %s\n", text; failed = 1 }
	/^# / || $1 == "component" || $1 == "source" { next }
	FILENAME ~ /projects/ { index_has[$3]; if ($7 != "") has[$3, $7]; next }
	{ component[$1] }
	$4 == "" { bad($1 " has no licence from " $2 " on") }
	$1 in later && $3 != "" && $3 != later[$1] { bad($1 " is " later[$1] ", then " $3) }
	$1 in later && $3 == "" && $4 != later[$1] { bad($1 " changes with " $2 " from nothing") }
	{ later[$1] = $4; if ($3 != "") of[$1, $3]; of[$1, $4] }
	END {
		for (key in of)
			if (key in has) { split(key, part, SUBSEP); fits[part[1]] }
		for (name in component)
			if (name in index_has && !(name in fits)) bad("none of " name " is what the index has")
		exit failed
	}' data/index/projects.tsv data/licence-changes.tsv || status=1

# Every id of an expression is a row, or says with its prefix that it is none of SPDX.
for column in known-components:4 header-components:3 licence-names:3 effective-upgrades:3 \
	licence-changes:3 licence-changes:4; do
	awk -F '\t' -v column="${column#*:}" -v table="data/${column%:*}.tsv" '
		/^# / { next }
		FILENAME ~ /licences.tsv$/ { licence[$1]; next }
		FILENAME ~ /exceptions.tsv$/ { exception[$1]; next }
		!header++ { next }
		$column == "" { next }
		{
			text = $column
			gsub(/[()]/, " ", text)
			count = split(text, word, " ")
			for (i = 1; i <= count; i++) {
				if (word[i] ~ /^(AND|OR|WITH)$/)
					continue
				after_with = (i > 1 && word[i - 1] == "WITH") || $2 == "debian-exception"
				known = after_with ? word[i] in exception || word[i] ~ /^AdditionRef-[A-Za-z0-9.-]+$/ \
					: word[i] in licence || word[i] ~ /^LicenseRef-[A-Za-z0-9.-]+$/
				if (!known) {
					printf "%s:%d: %s is not in the tables\n", table, FNR, word[i]
					failed = 1
				}
			}
		}
		END { exit failed }' data/licences.tsv data/exceptions.tsv "data/${column%:*}.tsv" || status=1
done
exit $status

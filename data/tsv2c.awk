# SPDX-License-Identifier: BSD-2-Clause
# Makes one C file of all tables: the bytes as they are, and the list that table_open() searches.
# usage: LC_ALL=C awk -f tsv2c.awk FILE.tsv...
BEGIN {
	for (i = 1; i < 256; i++)
		code[sprintf("%c", i)] = i
	print "/* Made by data/tsv2c.awk. */"
	print "#include \"util/table_builtin.h\"\n"
}

FNR == 1 {
	if (tables)
		print "};\n"
	name = FILENAME
	sub(/^.*\//, "", name)
	sub(/\.tsv$/, "", name)
	names[++tables] = name
	gsub(/-/, "_", name)
	variables[tables] = "data_" name
	print "static const unsigned char data_" name "[] = {"
}

{
	line = ""
	for (i = 1; i <= length($0); i++)
		line = line code[substr($0, i, 1)] ","
	print line "10,"
}

END {
	if (tables)
		print "};\n"
	print "const struct table_builtin table_builtins[] = {"
	for (i = 1; i <= tables; i++)
		print "\t{\"" names[i] "\", " variables[i] ", sizeof(" variables[i] ")},"
	print "\t{0, 0, 0},\n};"
}

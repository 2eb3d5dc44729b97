/* SPDX-License-Identifier: BSD-2-Clause */
/* Text for people: what the three reports share. */
#include <string.h>

#include "report/text.h"

#define DIAGNOSTICS_SHOWN 12

void text_words(const struct text *text, const char *words)
{
	sink_text(text->sink, words);
}

static const char *colour_code(enum text_colour colour)
{
	static const char *const codes[] = {
	    [TEXT_PLAIN] = "",	       [TEXT_BOLD] = "\033[1m",	   [TEXT_DIM] = "\033[2m",
	    [TEXT_RED] = "\033[31;1m", [TEXT_YELLOW] = "\033[33m", [TEXT_GREEN] = "\033[32m",
	    [TEXT_CYAN] = "\033[36m",
	};

	return codes[colour];
}

void text_name(const struct text *text, enum text_colour colour, const char *name)
{
	bool coloured = text->options->colour && colour != TEXT_PLAIN;

	if (coloured)
		sink_text(text->sink, colour_code(colour));
	sink_terminal(text->sink, name);
	if (coloured)
		sink_text(text->sink, "\033[0m");
}

void text_heading(const struct text *text, const char *words)
{
	sink_text(text->sink, "\n");
	text_name(text, TEXT_BOLD, words);
	sink_text(text->sink, "\n");
}

void text_more(const struct text *text, const char *indent, size_t left_out)
{
	if (left_out)
		sink_printf(text->sink, "%s... and %zu more (-v shows all)\n", indent, left_out);
}

void text_fold(const struct text *text, const char *indent, size_t column, const char *words)
{
	size_t width = text->options->width ? text->options->width : 100, start = strlen(indent);
	bool first = true;

	while (*words) {
		size_t length = strcspn(words, " ");
		char word[256];

		if (!length) {
			words++;
			continue;
		}
		if (!first && column + 1 + length > width) {
			sink_printf(text->sink, "\n%s", indent);
			column = start;
		} else if (!first) {
			sink_text(text->sink, " ");
			column++;
		}
		/* A long word is written in pieces; the escaping works on whole characters only
		 * within a piece, so a cut one shows as bytes. */
		for (size_t done = 0; done < length;) {
			size_t part =
			    length - done < sizeof(word) - 1 ? length - done : sizeof(word) - 1;
			memcpy(word, words + done, part);
			word[part] = '\0';
			sink_terminal(text->sink, word);
			done += part;
		}
		column += length;
		words += length;
		first = false;
	}
	sink_text(text->sink, "\n");
}

static void write_diagnostic(const struct text *text, const struct view_diagnostic *diagnostic)
{
	sink_text(text->sink, "  ");
	text_name(text,
		  strcmp(diagnostic->level, "error") == 0     ? TEXT_RED
		  : strcmp(diagnostic->level, "warning") == 0 ? TEXT_YELLOW
							      : TEXT_DIM,
		  diagnostic->level);
	sink_printf(text->sink, " %s ", diagnostic->code);
	sink_terminal(text->sink, diagnostic->file);
	if (diagnostic->offset != UINT64_MAX)
		sink_printf(text->sink, " at %#llx", (unsigned long long)diagnostic->offset);
	sink_text(text->sink, *diagnostic->file ? ": " : "");
	sink_terminal(text->sink, diagnostic->text);
	if (*diagnostic->message) {
		sink_text(text->sink, ": ");
		sink_terminal(text->sink, diagnostic->message);
	}
	sink_text(text->sink, "\n");
}

void text_diagnostics(const struct text *text, const struct view_diagnostic *list, size_t count)
{
	size_t shown = 0, hidden = 0;

	if (!count)
		return;
	text_heading(text, "Diagnostics");
	/* Errors are never left out; of the rest only the first ones are shown. */
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].level, "error") != 0 && !text->options->verbose &&
		    shown >= DIAGNOSTICS_SHOWN) {
			hidden++;
			continue;
		}
		write_diagnostic(text, &list[i]);
		shown++;
	}
	text_more(text, "  ", hidden);
}

void text_disclaimer(const struct text *text)
{
	sink_text(text->sink, "\n");
	text_name(text, TEXT_DIM,
		  "Facts read from the files, with known readings of licences. This is evidence, "
		  "not legal advice.");
	sink_text(text->sink, "\n");
}

const struct reporter reporter_text = {
    .name = "text",
    .media_type = "text/plain; charset=utf-8",
    .extension = "txt",
    .help = "for people: what matters first; -v leaves nothing out",
    .scan = text_scan,
    .tree = text_tree,
    .why = text_why,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentences of findings on use over a network and inside an organisation. */
#include "reach/message.h"

const char *message_internal(struct judge *judge, const struct draft *draft,
			     const struct finding *finding)
{
	(void)draft;
	return arena_printf(judge->arena,
			    "Nothing is conveyed to others (distribution: internal), so the "
			    "copyleft licences of %zu works ask for nothing.",
			    finding->work_count);
}

const char *message_network_offer(struct judge *judge, const struct draft *draft,
				  const struct finding *finding)
{
	if (draft->caps & CAP_REBUILT)
		return arena_printf(
		    judge->arena,
		    "%s is %s code in a program that takes requests, and another build than its "
		    "reference: it cannot be claimed to be unmodified. If its source is changed, "
		    "its "
		    "remote users are to be offered the corresponding source.%s",
		    message_subject(judge, finding), draft->licence,
		    message_difference(judge, draft));
	if (!(finding->outcomes & 1u << OUTCOME_NETWORK_OFFER))
		return arena_printf(
		    judge->arena,
		    "%s is a modified version of %s code in a program that may take requests, "
		    "through pointers to functions or through a plugin: if it does, its remote "
		    "users are to be offered the corresponding source.",
		    message_subject(judge, finding), draft->licence);
	return arena_printf(judge->arena,
			    "%s is a modified version of %s code in a program that takes requests: "
			    "its remote users are to be offered the corresponding source.%s%s",
			    message_subject(judge, finding), draft->licence,
			    message_difference(judge, draft),
			    finding->outcomes & 1u << OUTCOME_REVIEW
				? " That covers the program it is linked into, whose own licence "
				  "is to be reviewed."
				: "");
}

const char *message_network_note(struct judge *judge, const struct draft *draft,
				 const struct finding *finding)
{
	return arena_printf(judge->arena,
			    "%s is under %s and, %s, unmodified: use over a network asks for "
			    "nothing.",
			    message_subject(judge, finding), draft->licence,
			    judge->input->nodes[draft->subject].verified
				? "compared with its reference"
				: "as far as is known");
}

const char *message_network_linked(struct judge *judge, const struct draft *draft,
				   const struct finding *finding)
{
	return arena_printf(judge->arena,
			    "%s (%s) takes requests and is linked with %s (%s). Whether that makes "
			    "a modified version is read differently.",
			    message_subject(judge, finding), draft->subject_licence,
			    message_name(judge, finding->provider), draft->licence);
}

const char *message_network_other(struct judge *judge, const struct draft *draft,
				  const struct finding *finding)
{
	return arena_printf(judge->arena,
			    "%s is under %s, which speaks of use over a network or of deployment: "
			    "read it for this use.",
			    message_subject(judge, finding), draft->licence);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/message_network.h"

const char *message_offer(struct judge *judge, const struct draft *draft,
			  const struct finding *finding)
{
	const char *subject = message_subject(judge, finding);

	if (draft->caps & CAP_REBUILT)
		return arena_printf(judge->arena,
				    "%s is %s code in a program that takes requests, and another "
				    "build than its reference: it cannot be claimed to be "
				    "unmodified. If its source is changed, its remote users are to "
				    "be offered the corresponding source.%s",
				    subject, draft->licence, message_difference(judge, draft));
	if (!(draft->outcomes & 1u << OUTCOME_NETWORK_OFFER))
		return arena_printf(judge->arena,
				    "%s is a modified version of %s code in a program that may "
				    "take requests, by pointers to functions or a plugin: if so, "
				    "its remote users are to be offered the corresponding source."
				    "%s",
				    subject, draft->licence, message_difference(judge, draft));
	return arena_printf(judge->arena,
			    "%s is a modified version of %s code in a program that takes requests: "
			    "its remote users are to be offered the corresponding source.%s%s",
			    subject, draft->licence, message_difference(judge, draft),
			    finding->outcomes & 1u << OUTCOME_REVIEW
				? " That covers the program it is linked into, whose own licence "
				  "is to be reviewed."
				: "");
}

const char *message_unmodified(struct judge *judge, const struct draft *draft,
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

#include <string.h>

#include "main/ctl_command.h"
#include "main/ctl_number.h"

enum { NUMBER_MAX_DIGITS = 18 };

bool ctl_is_crisis(const struct ctl_call *call, const char *text)
{
	size_t len = strlen(text);

	if (len && len <= NUMBER_MAX_DIGITS && strspn(text, "0123456789") == len && strspn(text, "0") < len)
		return true;
	CTL_COMPLAIN(call->ctl, TEXT_CTL_INCIDENTS_BAD_NUMBER, text);
	return false;
}

bool ctl_check_crisis(const struct ctl_call *call)
{
	return ctl_is_crisis(call, call->args[0]);
}

#include "main/ctl_command.h"

#include <string.h>

#include "base/mem.h"
#include "main/ctl_client.h"
#include "main/ctl_settings.h"

/* The configuration and the daemon, as far as they are needed. False: told; *ret is the exit status. */
static bool reach(const struct ctl_command *command, const struct ctl_call *call, struct client **ret_client, int *ret)
{
	bool alone = command->alone && command->alone(call);
	enum ctl_needs needs = alone ? CTL_NEEDS_SETTINGS : command->needs;
	struct ctl *c = call->ctl;

	*ret = CTL_CONFIG;
	if (needs >= CTL_NEEDS_SETTINGS && !ctl_settings_read(c, needs == CTL_NEEDS_DAEMON))
		return false;
	*ret = CTL_NO;
	if (needs == CTL_NEEDS_DAEMON)
		*ret_client = client_new(c, false);
	return needs < CTL_NEEDS_DAEMON || *ret_client;
}

int ctl_command_run(const struct ctl_command *command, struct ctl *c, int argc, char **argv)
{
	char values[CTL_VALUES_MAX_BYTES] __attribute__((aligned(_Alignof(max_align_t)))) = "";
	cleanup(client_freep) struct client *client = NULL;
	struct ctl_call call = {.ctl = c, .values = values};
	int r;

	if (command->values_bytes > sizeof(values))
		abort();
	if (command->defaults)
		memcpy(values, command->defaults, command->values_bytes);
	if (!ctl_arguments(c, command->help, command->options, command->n_options, values, command->min, command->max,
			   &argc, argv, &r))
		return r;
	call.n = argc - 1;
	call.args = argv + 1;
	if (command->check && !command->check(&call))
		return CTL_USAGE;
	if (!reach(command, &call, &client, &r))
		return r;
	call.client = client;
	return command->run(&call);
}

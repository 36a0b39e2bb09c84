#include "queue/fault.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"

/* By the first word; those that begin with the common "ERR" are told apart by what follows. */
static const struct {
	const char *begins;
	enum fault fault;
} faults[] = {
	{"OOM ", FAULT_LATER},
	{"LOADING ", FAULT_LATER},
	{"BUSY ", FAULT_LATER},
	{"MISCONF ", FAULT_LATER}, /* it can't write to its disk, and so takes nothing */
	{"NOREPLICAS ", FAULT_LATER},
	{"TRYAGAIN ", FAULT_LATER},
	{"CLUSTERDOWN ", FAULT_LATER},
	{"ERR max number of clients", FAULT_LATER},
	{"READONLY ", FAULT_ELSEWHERE},
	{"MASTERDOWN ", FAULT_ELSEWHERE},
	{"UNBLOCKED ", FAULT_ELSEWHERE}, /* it became a replica */
	{"NOAUTH ", FAULT_SETTINGS},
	{"WRONGPASS ", FAULT_SETTINGS},
	{"NOPERM ", FAULT_SETTINGS},
	{"WRONGTYPE ", FAULT_SETTINGS},
	{"CROSSSLOT ", FAULT_SETTINGS},
	{"DENIED ", FAULT_SETTINGS}, /* protected mode */
	{"ERR AUTH ", FAULT_SETTINGS},
	{"ERR Client sent AUTH", FAULT_SETTINGS},
	{"ERR invalid password", FAULT_SETTINGS}, /* before 6.0 */
	{"ERR DB index", FAULT_SETTINGS},
	{"ERR invalid DB index", FAULT_SETTINGS},
	{"ERR unknown command", FAULT_SETTINGS}, /* older than 5.0, or renamed there */
	{"MOVED ", FAULT_CLUSTER},
	{"ASK ", FAULT_CLUSTER},
	{"ERR The ID specified in XADD is equal or smaller", FAULT_NOT_LARGER},
	{"ERR The stream has exhausted the last possible ID", FAULT_SETTINGS},
	{"ERR no such key", FAULT_NO_KEY},
	{"EXECABORT ", FAULT_ABORTED},
};

enum fault fault_of(const char *error, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		size_t n = strlen(faults[i].begins);

		if (len >= n && memcmp(error, faults[i].begins, n) == 0)
			return faults[i].fault;
	}
	return FAULT_STRANGE;
}

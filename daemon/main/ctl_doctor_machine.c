/* doctor: the machine: clock, names of hosts, descriptors, the unit. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netdb.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "main/config.h"
#include "main/ctl_doctor.h"
#include "main/ctl_name.h"
#include "main/ctl_output.h"

enum { FILES_LEAST = 1024, LINE_BYTES = 512, ANSWER_MAX_BYTES = 4096 };

#define CLOCK_LEAST_MS INT64_C(1700000000000) /* 2023: before it a clock was never set */

void doctor_clock(struct doctor *d)
{
	const char *zone = d->ctl->timezone ? d->ctl->timezone : d->config ? d->config->timezone : "?";
	struct timex state = {.modes = 0};
	char utc[CLOCK_RFC3339_SIZE];
	cleanup(freep) char *now = local_time(d->ctl, clock_rfc3339(clock_wall_ms(), 0, utc));

	if (clock_wall_ms() < CLOCK_LEAST_MS)
		DOCTOR_COMPLAINS(d, TEXT_DOCTOR_CLOCK_WRONG, TEXT_DOCTOR_CLOCK_CURE, now, zone);
	else if (adjtimex(&state) == TIME_ERROR && (state.status & STA_UNSYNC))
		DOCTOR_WARNS(d, TEXT_DOCTOR_CLOCK_ALONE, TEXT_DOCTOR_CLOCK_CURE, now, zone);
	else
		DOCTOR_FINE(d, TEXT_DOCTOR_CLOCK, now, zone);
}

/* Hosts that the configuration names, each once. */
static size_t hosts_of(const struct config *c, char *hosts[DOCTOR_HOSTS_MAX])
{
	size_t i, k, n = 0;

	for (i = 0; i < c->n_sources && n < DOCTOR_HOSTS_MAX; i++) {
		cleanup(freep) char *host = c->sources[i].url ? name_host(c->sources[i].url) : NULL;

		for (k = 0; host && k < n && strcmp(hosts[k], host) != 0; k++)
			;
		if (host && *host && *host != '[' && k == n)
			hosts[n++] = TAKE(host);
	}
	return n;
}

void doctor_names(struct doctor *d)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	char *hosts[DOCTOR_HOSTS_MAX];
	size_t i, failed = 0, n = d->config ? hosts_of(d->config, hosts) : 0;
	cleanup(freep) char *tried = xasprintf("%zu", n);

	for (i = 0; i < n; i++) {
		struct addrinfo *found = NULL;
		int r = failed < 2 ? getaddrinfo(hosts[i], NULL, &hints, &found) : 0; /* two tell as much as five */

		if (r != 0) {
			failed++;
			DOCTOR_WARNS(d, r == EAI_AGAIN ? TEXT_DOCTOR_NO_DNS : TEXT_DOCTOR_NO_HOST,
				     r == EAI_AGAIN ? TEXT_DOCTOR_NO_DNS_CURE : TEXT_DOCTOR_NO_HOST_CURE, hosts[i]);
		}
		if (found)
			freeaddrinfo(found);
		free(hosts[i]);
	}
	if (n && !failed)
		DOCTOR_FINE(d, TEXT_DOCTOR_NAMES, tried);
}

/* Of the daemon, as far as it may be seen; else of this terminal, which is what it would get from here. */
static long files_of(long pid)
{
	cleanup(freep) char *path = xasprintf("/proc/%ld/limits", pid);
	FILE *f = fopen(path, "re");
	char line[LINE_BYTES];
	struct rlimit own;
	long n = -1;

	while (f && n < 0 && fgets(line, sizeof(line), f))
		if (strncmp(line, "Max open files", 14) == 0)
			n = strtol(line + 14, NULL, 10);
	if (f)
		fclose(f);
	if (n < 0 && getrlimit(RLIMIT_NOFILE, &own) == 0)
		n = own.rlim_cur < 1000000 ? (long)own.rlim_cur : 1000000;
	return n;
}

void doctor_descriptors(struct doctor *d)
{
	long pid = (long)json_integer_value(json_object_get(d->status, "pid")), n = files_of(pid);
	cleanup(freep) char *files = xasprintf("%ld", n);

	if (n < FILES_LEAST)
		DOCTOR_WARNS(d, TEXT_DOCTOR_FILES, TEXT_DOCTOR_FILES_CURE, files);
	else
		DOCTOR_FINE(d, TEXT_DOCTOR_FILES_FINE, files);
}

/* --- the unit --- */

/* What "systemctl show" says of it; false: there is no systemd that answers. */
static bool ask_systemd(struct buf *ret)
{
	char *const argv[] = {(char[]){"systemctl"}, (char[]){"show"}, (char[]){"escuchad.service"},
			      (char[]){"--property=LoadState,ActiveState,UnitFileState,NRestarts,Result"}, NULL};
	posix_spawn_file_actions_t actions;
	int pipe_fds[2], status = 0, r;
	char *room;
	ssize_t n;
	pid_t pid;

	if (access("/run/systemd/system", F_OK) < 0 || pipe2(pipe_fds, O_CLOEXEC) < 0)
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	r = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipe_fds[1]);
	while (r == 0 && (room = buf_reserve(ret, LINE_BYTES)) && (n = read(pipe_fds[0], room, LINE_BYTES)) > 0)
		buf_commit(ret, (size_t)n);
	close(pipe_fds[0]);
	return r == 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool says(const struct buf *b, const char *line)
{
	return strstr(buf_str(b), line) != NULL;
}

void doctor_unit(struct doctor *d)
{
	cleanup(buf_done) struct buf b = BUF_INIT(ANSWER_MAX_BYTES);

	if (!ask_systemd(&b))
		return;
	buf_putc(&b, '\0');
	if (says(&b, "LoadState=not-found"))
		return; /* it is run in another way */
	if (says(&b, "ActiveState=failed"))
		DOCTOR_COMPLAINS(d, TEXT_DOCTOR_UNIT_FAILED, TEXT_DOCTOR_UNIT_FAILED_CURE);
	else if (says(&b, "UnitFileState=disabled"))
		DOCTOR_WARNS(d, TEXT_DOCTOR_UNIT_DISABLED, TEXT_DOCTOR_UNIT_DISABLED_CURE);
	else if (says(&b, "NRestarts=") && !says(&b, "NRestarts=0\n"))
		DOCTOR_WARNS(d, TEXT_DOCTOR_UNIT_RESTARTS, TEXT_DOCTOR_UNIT_FAILED_CURE);
	else
		DOCTOR_FINE(d, TEXT_DOCTOR_UNIT);
}

/*
 * escuchad-reader: what reads foreign bytes for escuchad and escuchactl. Started by them as a nursery, with its socket as
 * descriptor NURSERY_FD and a clean environment; what is written to standard error, last words, they log.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/background.h"
#include "base/buf.h"
#include "base/text.h"
#include "reader/nursery.h"

enum { EXIT_USAGE = 2, EXIT_ORPHAN = 10 };

static int by_hand(void)
{
	struct buf b = BUF_INIT(4096);

	text_put(&b, text_lang_of(NULL), TEXT_READER_BY_HAND, NULL, 0);
	(void)fprintf(stderr, "%s\n", buf_str(&b));
	buf_done(&b);
	return EXIT_USAGE;
}

int main(void)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(NURSERY_FD, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return by_hand();
	/* Die with whoever made the socket pair. If that one is gone already, nobody would tell. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != peer.pid)
		return EXIT_ORPHAN;
	background();
	return nursery_run();
}

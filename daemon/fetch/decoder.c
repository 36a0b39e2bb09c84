#include "fetch/decoder.h"

#include "loop/workers.h"

struct decoder {
	struct workers *workers;
};

/* Its thread's while it runs, the loop's before and behind; nothing of it points at what the loop may free meanwhile, but
 * for arg, which the thread leaves alone. */
struct decoding {
	struct codings codings;
	struct buf body;
	size_t max_bytes;
	bool part;
	int r;
	char why[DECODE_WHY_MAX];
	struct loop_work *work;
	decoder_done on_decoded;
	void *arg;
};

static void run(void *arg)
{
	struct decoding *k = arg;

	k->r = decode(&k->codings, &k->body, k->max_bytes, k->why);
	if (k->r != 0 && !k->part)
		buf_done(&k->body);
}

static void drop(void *arg)
{
	struct decoding *k = arg;

	buf_done(&k->body);
	free(k);
}

static void done(void *arg)
{
	struct decoding *k = arg;

	k->on_decoded(k->r, &k->body, k->why, k->arg);
	drop(k);
}

int decoder_new(struct loop *l, struct decoder **ret)
{
	cleanup(decoder_freep) struct decoder *d = NEW(struct decoder);
	int r = workers_new(l, DECODER_THREADS, &d->workers);

	if (r < 0)
		return r;
	*ret = TAKE(d);
	return 0;
}

struct decoder *decoder_free(struct decoder *d)
{
	if (d) {
		workers_free(d->workers);
		free(d);
	}
	return NULL;
}

struct decoding *decoder_start(struct decoder *d, const struct decoder_job *job, decoder_done on_decoded, void *arg)
{
	static const struct loop_work_ops ops = {.run = run, .done = done, .drop = drop};
	struct decoding *k = NEW(struct decoding);

	k->codings = job->codings;
	k->body = *job->body;
	k->max_bytes = job->max_bytes;
	k->part = job->part;
	k->on_decoded = on_decoded;
	k->arg = arg;
	if (workers_start(d->workers, &ops, k, &k->work) != 0) {
		free(k);
		return NULL;
	}
	*job->body = (struct buf)BUF_INIT(job->body->max);
	return k;
}

void decoder_cancel(struct decoding *k)
{
	if (k)
		loop_work_cancel(k->work);
}

#pragma once
/*
 * store/writer: what the writer thread holds, and what each of its requests works with.
 *
 * Owner:  store/store; used on the writer thread alone.
 * After a rollback writer_reset() drops what was remembered of it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/db.h"
#include "store/store.h"
#include "store/stream_rows.h"
#include "store/tally.h"

enum { WRITER_NAMES = 256, WRITER_SCRATCH_BYTES = 1 << 20, WRITER_NAMES_MAX_BYTES = 8 << 20 };

/* What has become of a row of the stream: the view outbox, and what is counted in the table total. */
enum { STREAM_PENDING, STREAM_SENT, STREAM_KEPT, STREAM_ASIDE };
/* What stands in the row, where that says less: it is sent if its id is not above the mark, and waits if it is; it waits,
 * though it is not above the mark. */
enum { STREAM_BY_MARK = 0, STREAM_AGAIN = 4 };

struct authors;
struct bins;
struct recent;
struct story_index;

struct writer {
	struct db *db;
	struct recent *recent;      /* of store/store; NULL: nobody sends */
	struct store_config config; /* but for its names, which are … */
	struct arena *names_arena;
	struct voice_names vip, ignore; /* … here */
	struct story_index *stories;
	struct bins *bins;       /* what this transaction counts */
	struct authors *authors; /* whom it has heard */
	uint64_t stories_before; /* its mark, from before the transaction */
	int64_t last_stream;     /* packed; the largest that was ever given */
	int64_t last_change;     /* the same, of the stream of incidents */
	struct tally tally;
	int64_t aliases, past, forgotten; /* 0: there are none, so that no mention is looked for among them */
	int64_t search_mark;              /* mentions up to this one are searchable */
	int64_t searched_at_ms;           /* steady: when that was all of them */
	bool search_settled;              /* the index is as store/search wants it */
	int64_t plain_mark;               /* retention has looked at mentions up to this one */
	int64_t kept_at_ms;               /* steady: when retention last came to its end */
	int64_t swept_at_ms;              /* steady: when what is no longer spoken of was swept away; 0: not yet */
	struct stream_rows stream_rows;
	struct buf scratch; /* where one row after the other is made; let go past WRITER_SCRATCH_BYTES */
	char *ballast_path;
	bool disk_full, size_full; /* why: no room on the disk; past config.size_bytes with nothing that may go */
	_Atomic bool full;         /* either: what grows is refused. The owner's thread reads it */
	bool broken; /* the disk has failed: what it has forgotten it would call written, so nothing more is */
	struct {
		char *name;
		int64_t id;
		uint64_t digest; /* of the name; 0: not known yet */
	} names[WRITER_NAMES];   /* by hash: a topic or source met again needs no question */
};

int writer_init(struct writer *w, const char *path, const struct store_config *config) must_use; /* DB_E_CORRUPT, … */
void writer_done(struct writer *w);
struct voice_names writer_names_copy(struct arena *a, const struct voice_names *from);
void writer_configure(struct writer *w, const struct store_config *config); /* copied */
void writer_set_full(struct writer *w, bool disk_full, bool size_full);     /* told, and the ballast let go or kept */
int writer_reset(struct writer *w) must_use;
void writer_forget_names(struct writer *w); /* some of their rows have gone */

/* The number of a source's or topic's name, which is made if it is new. */
int writer_name(struct writer *w, const char *name, int64_t *ret) must_use;
uint64_t writer_name_digest(struct writer *w, const char *name); /* what a story knows its sources by */
int64_t writer_next_stream(struct writer *w, int64_t now_ms);
int64_t *writer_last_id(struct writer *w, enum outbox_stream which);
int64_t writer_next_id(struct writer *w, enum outbox_stream which, int64_t now_ms);
int writer_stored_pending(const struct writer *w, enum outbox_stream which,
			  int64_t stream); /* what stands in a row with that id if it waits */

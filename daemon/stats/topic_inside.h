#pragma once
/*
 * stats/topic_inside: what the files of stats/topic share. Nobody else includes it.
 */
#include "stats/seasonal.h"
#include "stats/topic.h"

#define FIXED SERIES_INTENT /* the first of series[] are all, negative, positive */

struct series {
	enum series_kind kind;
	char *name; /* NULL: one of the fixed */
	struct surprise detector;
	struct seasonal usual;
	uint32_t open;    /* of the bin that is open */
	uint32_t unusual; /* bins that an alarm still holds */
	float surprise;   /* the largest of those bins */
};

struct topic {
	char *name;
	bool brand;
	struct share_tone tone;
	struct surprise_scale scale;
	struct share share;
	struct series *series;
	size_t n_series, cap_series;
	uint16_t *order; /* of series beyond the fixed, by kind and name */
	size_t n_order, cap_order;
	struct series blank; /* what a series is that never counted anything, as old as the topic is */
	struct events *events;
	int64_t keep_ms;
	uint32_t bins;
	char *clock; /* by whose hours it learns: a zone's name; NULL: nobody said */
	struct topic_growth growth;
	float growth_usual;   /* of the fastest post, whatever its tone */
	uint32_t growth_bins; /* that this was known in */
};

/* -1: there is none, and add is false or there is no room. */
int topic_series_find(struct topic *t, enum series_kind kind, const char *name, bool add);

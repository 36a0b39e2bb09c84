#pragma once
/*
 * alert/config: what the configuration says of channels (how a notice travels), people (who is reached, and by which of
 * them) and operators (who is told what concerns escuchad itself). main/config_people reads it.
 *
 * Owner: the configuration's arena.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

struct secret;

enum channel_kind { CHANNEL_SMTP };
extern const char *const channel_kind_names[]; /* by enum channel_kind; NULL at the end */

/* CHANNEL_TLS_AUTO: needed, but to a server on this very machine. */
enum channel_tls { CHANNEL_TLS_AUTO, CHANNEL_TLS_REQUIRED, CHANNEL_TLS_NONE };

enum {
	CHANNELS_MAX = 50,
	PEOPLE_MAX = 1000,
	REACH_MAX = 10, /* channels of one person */
	OPERATORS_MAX = 20,
};

struct channel_config {
	struct diag_pos pos;
	const char *name;
	int kind;        /* enum channel_kind */
	const char *url; /* smtp://host[:port], smtps://host[:port] */
	const char *from;
	const char *user;
	const struct secret *password;
	int tls;             /* enum channel_tls */
	const char *ca_file; /* whom to trust beside nobody else; NULL: whom this machine trusts */
	int64_t timeout_ms;
};

struct reach_config {
	struct diag_pos pos;
	const char *name; /* of the channel */
	const char *address;
	const struct channel_config *channel;
};

struct person_config {
	struct diag_pos pos;
	const char *name;
	const char *timezone;             /* NULL: the configuration's */
	int language;                     /* enum text_lang; -1: the configuration's */
	bool group;                       /* several read it */
	const struct reach_config *reach; /* in the order in which they are tried */
	size_t n_reach;
};

struct operator_config {
	struct diag_pos pos;
	const char *name;
	const struct person_config *person;
};

/* How what operators are told is put together (alert/gather). */
struct notices_config {
	int64_t gather_ms; /* from the first news to its message: what comes meanwhile goes with it */
	int64_t pause_ms;  /* between two messages, but for the first few */
	int64_t retry_ms;  /* from a try that failed to the next by the same channel */
};

/* One address, as it stands in an envelope: ana@example.com. What could end a line of SMTP, or make two of it, is none
 * (FAULTS O1: libcurl lets it through). */
enum {
	ADDRESS_E_SYNTAX = 1,
	ADDRESS_E_SEVERAL, /* a@example.com, b@example.com */
	ADDRESS_E_CONTROL, /* a line break, or something else that can't be seen */
};
enum { ADDRESS_LOCAL_MAX_BYTES = 64, ADDRESS_MAX_BYTES = 254 /* RFC 5321 §4.5.3.1 */ };
int address_check(const char *address) must_use;

bool channel_is_local(const char *url); /* its host is this machine, by name or address */

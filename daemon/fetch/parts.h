#pragma once
/*
 * fetch/parts: what of fetch a protocol uses that is spoken on connections of its own (fetch/imap): borrowed, as long as fetch lives.
 */
struct fetch;
struct loop;
struct resolver;
struct transfer_settings;

struct fetch_parts {
	struct loop *loop;
	struct resolver *resolver;
	const struct transfer_settings *settings;
};
struct fetch_parts fetch_parts(const struct fetch *f);

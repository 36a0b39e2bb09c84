#pragma once
/* For store/sql: how far deliveries are, and what waits of them. */

#define SQL_TABLE_DELIVERY(X)                                                                                          \
	X(DELIVERY_PUT,                                                                                                \
	  "INSERT INTO delivery (id, ms, seq, kept) VALUES (1, ?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET ms = ?1, "   \
	  "seq = ?2, kept = ?3")                                                                                       \
	X(DELIVERY_READ, "SELECT ms, seq, kept FROM delivery")

#pragma once
/*
 * reader/nursery: loads and compiles one generation of rules, and forks readers that share it.
 *
 * It sees what escuchad and the rule files say, never foreign bytes. It lives until its socket ends or escuchad does; its
 * readers end with it.
 *
 * Blocks: while it loads (seconds), then only to wait.
 */
enum {
	NURSERY_FD = 3, /* its socket to escuchad */
	NURSERY_READERS_MAX = 64,
};

/* Returns the exit status of the process. */
int nursery_run(void);

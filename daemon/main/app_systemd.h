#pragma once
/*
 * main/app_systemd: what the daemon and systemd tell each other.
 *
 *   READY=1        rules are loaded and sources are listened to     RELOADING=1 … READY=1   a reload, good or bad
 *   STATUS=        one line for people, in their language           STOPPING=1              the end began
 *   WATCHDOG=1     from the loop, at half of $WATCHDOG_USEC: a loop that stalls is killed and started anew (FAULTS S2)
 *   escuchad.socket   the socket of escuchactl, made by systemd: who comes during a restart waits instead of being refused
 *
 * Nothing of it where systemd did not start us, or where this build knows no libsystemd: then Type=exec is right.
 *
 * Owner:  struct app. Everything runs on the loop's thread.
 * Blocks: never for long: systemd's socket takes datagrams as fast as they come.
 */
#include <stdbool.h>
#include <stdint.h>

struct app;
struct config;
struct loop_timer;

enum {
	APP_STATUS_FIRST_MS = 5000, /* after READY=1: by then the first polls have ended */
	APP_STATUS_MS = 60000,
};

struct app_systemd {
	bool ready;
	int64_t feed_ms; /* 0: nobody watches */
	struct loop_timer *watchdog, *status;
};

/* How events are told from now on (escuchad.yaml's "log"). */
void app_log_configure(const struct config *c);

/* The descriptor that systemd listens with at this path, to be closed by the caller; 0: there is none. Asked once. */
int app_systemd_socket(const char *path);

void app_systemd_start(struct app *a); /* the loop is there */
void app_systemd_ready(struct app *a); /* also at the end of a reload, before anybody is told of it */
void app_systemd_reloading(struct app *a);
void app_systemd_stopping(struct app *a);
void app_systemd_done(struct app *a);

#pragma once
/*
 * main/app_export: what the log has, to be shared, without names unless it is asked for or the configuration says `privacy: off`.
 *
 * Owner: the app. Blocks: never.
 */
struct reply;
struct serve_export;

void app_export_ask(void *app, const struct serve_export *ask, struct reply *reply); /* serve_ops.export */

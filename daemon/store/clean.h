#pragma once
/*
 * store/clean: was the database closed well, and left alone since? Then it need not be read as a whole at the next start.
 *
 * A mark beside the database names its inode, size and time of change, written when the last connection has closed it and
 * taken away when it is opened: after a kill, a power cut or a restored copy there is none that fits. What a disk changes
 * by itself it doesn't find: the daily look does (store/inspect).
 *
 * Blocks: on the disk.
 */
#include <stdbool.h>

bool clean_take(const char *db_path); /* true: nothing has happened to it; the mark is gone */
void clean_put(const char *db_path);  /* no mark is written where it fails: then the next start looks */

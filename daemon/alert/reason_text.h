#pragma once
/*
 * alert/reason_text: why something is out of the ordinary (stats/judge's reasons, by their names), in words.
 */
#include "base/text.h"

const char *reason_text(const char *name, enum text_lang lang); /* NULL: no such reason */

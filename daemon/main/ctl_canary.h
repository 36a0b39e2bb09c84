#pragma once
/*
 * main/ctl_canary: the stages of the mention that nobody wrote, in words.
 */
#include "base/text.h"

const char *canary_stage(enum text_lang lang, const char *stage); /* as it is where it is not known; NULL: NULL */

#pragma once
/*
 * main/ctl_number: an argument that is a crisis' number.
 */
#include <stdbool.h>

struct ctl_call;

/* 1 to 18 digits, not all of them 0; else that is told. */
bool ctl_is_crisis(const struct ctl_call *call, const char *text);

/* A command's check() whose only argument is one. */
bool ctl_check_crisis(const struct ctl_call *call);

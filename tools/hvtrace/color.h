/* SPDX-License-Identifier: MIT */
/* Colours for people: on a terminal, and unless NO_COLOR is set. */
#ifndef HVTRACE_COLOR_H
#define HVTRACE_COLOR_H

#include <stdbool.h>

#define COLOR_DIM   "\033[2m"
#define COLOR_RED   "\033[31m"
#define COLOR_GREEN "\033[32m"
#define COLOR_CYAN  "\033[36m"
#define COLOR_NONE  "\033[0m"

/*
 * when: auto, always or never. paged: the output goes through a pager to the
 * terminal. EXIT_SAME or told.
 */
int color_parse(const char *when, bool paged, bool *color);

#endif

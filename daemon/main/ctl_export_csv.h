#pragma once
/*
 * main/ctl_export_csv: mentions as a sheet that LibreOffice and Excel open by a double click: RFC 4180 with a BOM (Excel takes what has none for
 * another encoding), in the language, zone and number format of who reads.
 *
 *  - Excel parts columns by the list separator of its Windows: ';' where decimals have a comma (Spain, most of South America), ',' where they have a
 *    point (Mexico, Central America, the Caribbean, English). The zone says which is likely; both are one choice here.
 *  - A cell that a spreadsheet would take for a formula (= + - @, also behind blanks, tabs and line breaks, and full-width) begins with "'".
 *  - Excel keeps 32,767 characters a cell, and lets the rest run over into the next rows: what is longer is cut, with "…".
 *  - A story's digits have an s before them, else some would be taken for numbers, and rounded.
 *
 * Blocks: never. What is said of a time takes the zone of local_zone().
 */
#include <stddef.h>

#include "main/ctl.h"

struct buf;
struct json_t;

enum { CSV_CELL_MAX_UNITS = 32000 /* UTF-16's, as Excel counts */, CSV_ROW_MAX_BYTES = 4 << 20 };

struct csv {
	const struct ctl *ctl;
	char separator; /* ';', ',' or a tab */
	char decimal;
};

/* As people in this zone have it (NULL: not known), who read lang. */
struct csv csv_of(const struct ctl *c, const char *zone);
void csv_head(const struct csv *csv, struct buf *out);
void csv_row(const struct csv *csv, const struct json_t *mention, struct buf *out);
void csv_cell(const char *text, struct buf *out); /* NULL is empty; no separator */

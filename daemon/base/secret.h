#pragma once
/*
 * base/secret: a password or token that is named in a file, never in it.
 *
 *   {env: NAME}         an environment variable
 *   {file: PATH}        a file
 *   {credential: NAME}  a file in $CREDENTIALS_DIRECTORY (systemd), else in /etc/escuchad/secrets; in the former also as
 *                       secrets_NAME, which is what LoadCredential=secrets:/etc/escuchad/secrets makes of it
 *
 * Read once, when the configuration is. A newline at its end is dropped. No message and no log ever holds a value; only
 * secret_value() gives it out.
 *
 * Owner:  the arena given.
 * Blocks: reads a file (a regular one: a pipe would hang).
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct arena;
struct secret;

enum { SECRET_MAX_BYTES = 64 * 1024 };
#define SECRET_FOLDER "/etc/escuchad/secrets"
#define SECRET_PREFIX "secrets_" /* systemd.exec(5): a folder's files are named ID_FILE */

enum secret_kind { SECRET_ENV, SECRET_FILE, SECRET_CREDENTIAL };

enum {
	SECRET_E_ABSENT = 1, /* no such variable or file */
	SECRET_E_UNREADABLE, /* may not be read, or is no regular file */
	SECRET_E_EMPTY,
	SECRET_E_LONG,  /* above SECRET_MAX_BYTES */
	SECRET_E_BYTES, /* a NUL in it */
	SECRET_E_NAME,  /* no name of a credential or variable: "../x", "A=B" */
};
/* name is the variable, the path or the credential. */
int secret_read(enum secret_kind kind, const char *name, struct arena *a, struct secret **ret) must_use;
/* As if it had been read. */
struct secret *secret_make(const char *value, struct arena *a);

/* Where credentials are looked for: $CREDENTIALS_DIRECTORY, else SECRET_FOLDER. */
const char *secret_folder(void);

const char *secret_value(const struct secret *s); /* NULL gives NULL */
void secret_wipe(struct secret *s); /* its value is "" from now on, and nowhere in its memory */
bool secret_exposed(const struct secret *s);      /* everybody on this machine may read its file */

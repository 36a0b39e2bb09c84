/* A host's certificate that ends soon is told to whoever runs escuchad: its owner may not know. So is a source's token that could
 * not be renewed. */
#include <stdio.h>

#include "base/clock.h"
#include "main/app_inside.h"
#include "main/telling.h"
#include "source/sources.h"

void app_on_cert(void *arg, const struct source_cert *cert)
{
	static const enum telling_state states[] = {
		[CERT_SAY_ENDS] = TELLING_BEGINS, [CERT_SAY_STILL] = TELLING_LASTS, [CERT_SAY_RENEWED] = TELLING_OVER};
	struct app *a = arg;
	const char *subject = cert->host ? cert->host : cert->source;
	char days[24];
	struct telling t = {.kind = cert->host ? "certificate" : "token",
			    .subject = subject,
			    .state = states[cert->say],
			    .since_ms = TIME_NONE,
			    .until_ms = TIME_NONE};

	snprintf(days, sizeof(days), "%lld", (long long)((cert->until_ms - cert->now_ms) / (24 * HOUR_MS)));
	if (cert->host)
		t.text = cert->say == CERT_SAY_RENEWED ? TEXT_TELL_CERTIFICATE_RENEWED : TEXT_TELL_CERTIFICATE;
	else
		t.text = cert->say == CERT_SAY_RENEWED ? TEXT_TELL_TOKEN_RENEWED : TEXT_TELL_TOKEN;
	t.args = TEXT_ARGS(subject, days);
	app_tell_operators(a, &t);
}

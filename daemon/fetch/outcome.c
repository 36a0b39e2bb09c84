#include "fetch/outcome.h"

#include <curl/curl.h>
#include <openssl/x509_vfy.h>

static const char *const names[FETCH_OUTCOMES] = {
	[FETCH_OK] = "ok",
	[FETCH_NOT_MODIFIED] = "not_modified",
	[FETCH_LIMITED] = "limited",
	[FETCH_GONE] = "gone",
	[FETCH_HTTP] = "http",
	[FETCH_BAD_URL] = "bad_url",
	[FETCH_BLOCKED] = "ssrf_blocked",
	[FETCH_DNS] = "dns",
	[FETCH_DNS_TIMEOUT] = "dns_timeout",
	[FETCH_CONNECT] = "connect",
	[FETCH_TIMEOUT] = "timeout",
	[FETCH_TOO_SLOW] = "too_slow",
	[FETCH_TLS] = "tls",
	[FETCH_TLS_EXPIRED] = "tls_expired",
	[FETCH_TLS_HOST] = "tls_host",
	[FETCH_TLS_UNTRUSTED] = "tls_untrusted",
	[FETCH_TOO_LARGE] = "too_large",
	[FETCH_REDIRECT_LOOP] = "redirect_loop",
	[FETCH_REDIRECTS_MANY] = "redirects_many",
	[FETCH_REDIRECT_SCHEME] = "redirect_scheme",
	[FETCH_DECODE] = "decode",
	[FETCH_ABORTED] = "aborted",
	[FETCH_PROTOCOL] = "protocol",
	[FETCH_FAILED] = "failed",
};

const char *fetch_outcome_name(enum fetch_outcome o)
{
	return o < FETCH_OUTCOMES ? names[o] : "failed";
}

static enum fetch_outcome of_status(const struct outcome_facts *facts)
{
	if (facts->status >= 200 && facts->status < 300)
		return FETCH_OK;
	if (facts->status == 304 && facts->conditional)
		return FETCH_NOT_MODIFIED;
	if (facts->status == 429 || (facts->status == 503 && facts->said_retry_after))
		return FETCH_LIMITED;
	return facts->status == 410 ? FETCH_GONE : FETCH_HTTP;
}

/* libcurl has one code for all of a certificate's faults; OpenSSL says which. The name is checked by libcurl itself, which
 * leaves the verdict at "unspecified" when that fails. */
static enum fetch_outcome of_certificate(long verify)
{
	switch (verify) {
	case X509_V_OK:
	case X509_V_ERR_UNSPECIFIED:
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return FETCH_TLS_HOST;
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return FETCH_TLS_EXPIRED;
	default:
		return FETCH_TLS_UNTRUSTED;
	}
}

static enum fetch_outcome of_timeout(const struct outcome_facts *facts)
{
	return facts->answered ? FETCH_TOO_SLOW : FETCH_TIMEOUT;
}

enum fetch_outcome outcome_of(int curl_code, const struct outcome_facts *facts)
{
	switch (curl_code) {
	case CURLE_OK:
		return of_status(facts);
	case CURLE_URL_MALFORMAT:
		return FETCH_BAD_URL;
	case CURLE_UNSUPPORTED_PROTOCOL: /* also what libcurl says of an answer without a status line */
		if (facts->connected)
			return FETCH_PROTOCOL;
		return facts->redirects ? FETCH_REDIRECT_SCHEME : FETCH_BAD_URL;
	case CURLE_COULDNT_RESOLVE_HOST:
		return FETCH_DNS;
	case CURLE_COULDNT_CONNECT:
		return facts->refused ? FETCH_BLOCKED : FETCH_CONNECT;
	case CURLE_OPERATION_TIMEDOUT:
		return of_timeout(facts);
	case CURLE_PEER_FAILED_VERIFICATION:
		return of_certificate(facts->tls_verify);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ENGINE_INITFAILED:
		return FETCH_TLS;
	case CURLE_FILESIZE_EXCEEDED:
	case 100:                 /* CURLE_TOO_LARGE, from 8.6 on */
	case CURLE_OUT_OF_MEMORY: /* 7.88: a header line over 100 kB; for want of memory we would not be here */
		return FETCH_TOO_LARGE;
	case CURLE_TOO_MANY_REDIRECTS:
		return FETCH_REDIRECTS_MANY;
	case CURLE_BAD_CONTENT_ENCODING:
		return FETCH_DECODE;
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return FETCH_ABORTED;
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return FETCH_PROTOCOL;
	default:
		return FETCH_FAILED;
	}
}

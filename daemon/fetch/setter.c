#include "fetch/setter.h"

/* A CA folder beside the file, Debian's default, turns the cache of parsed certificates off: 33 ms of CPU a handshake
 * instead of 1.3. */
void setter_tls(struct setter *s, const char *ca_file)
{
	SET(s, CURLOPT_CAPATH, (char *)NULL);
	if (ca_file)
		SET(s, CURLOPT_CAINFO, ca_file);
	SET(s, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(s, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(s, CURLOPT_SSL_VERIFYHOST, 2L);
}

void setter_alone(struct setter *s)
{
	SET(s, CURLOPT_PROXY, ""); /* it obeys http_proxy silently; a proxy would judge no address */
	SET(s, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(s, CURLOPT_NOSIGNAL, 1L);
	SET(s, CURLOPT_QUICK_EXIT,
	    1L); /* should libcurl ever look a name up: to leave then would stop the loop for seconds */
}

void setter_mail(struct setter *s, const char *protocols, bool tls, const char *ca_file)
{
	SET(s, CURLOPT_PROTOCOLS_STR, protocols);
	SET(s, CURLOPT_USE_SSL, tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
	setter_alone(s);
	setter_tls(s, ca_file);
}

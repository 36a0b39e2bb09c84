#pragma once
/*
 * alert/mime_parts: what an e-mail is made of, behind its headers: text alone, or text and HTML, pictures in it, attachments. Inside
 * alert/mime alone.
 */
struct buf;
struct mime_message;

void mime_put_parts(struct buf *b, const struct mime_message *m);
void mime_put_text(struct buf *b, const char *text); /* cleaned, as quoted-printable */

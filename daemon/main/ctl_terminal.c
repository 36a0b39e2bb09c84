#include "main/ctl_terminal.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "main/ctl_output.h"

size_t terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return 0;
	return size.ws_col < TERMINAL_MIN_WIDTH ? TERMINAL_MIN_WIDTH : size.ws_col;
}

static void put_blanks(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_putc(out, ' ');
}

void text_wrap(struct buf *out, const char *text, size_t at, size_t indent, size_t width)
{
	bool first = true;

	for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
		size_t len = strcspn(text, " \n"), wide;
		cleanup(freep) char *word = xstrndup(text, len);

		wide = text_width(word);
		if (!first && width && at + 1 + wide > width) {
			buf_putc(out, '\n');
			put_blanks(out, indent);
			at = indent;
		} else if (!first) {
			buf_putc(out, ' ');
			at++;
		}
		buf_put(out, text, len);
		at += wide;
		first = false;
		text += len;
	}
	buf_putc(out, '\n');
}

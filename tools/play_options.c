// SPDX-License-Identifier: GPL-2.0
/*
 * The command line. dmabuf-play(1) says more about each option than --help.
 */
#include "play_options.h"

#include <errno.h>
#include <getopt.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play_say.h"

/* One buffer on the screen leaves one for the camera. */
#define BUFFERS_MIN	2
#define BUFFERS_MAX	VIDEO_MAX_FRAME

#define USAGE	2

static const char help[] =
	"Usage: dmabuf-play [OPTION...]\n"
	"Show what a camera sees on a screen, without copying it: both use the same\n"
	"buffers, whose memory is allocated once it is known what both can reach.\n"
	"\n"
	"  -d, --device NODE   camera (the first V4L2 node that captures by streaming)\n"
	"  -c, --card NODE     display (the first DRM card that has a screen)\n"
	"  -s, --size WxH      size of the picture in pixels (the smallest that both have)\n"
	"  -b, --buffers N     buffers that go round, 2 to 32 (3)\n"
	"  -n, --frames N      end after N pictures (at a signal such as Ctrl-C)\n"
	"  -w, --wait          wait for Enter when the devices are attached and no memory\n"
	"                      is allocated yet\n"
	"  -H, --hold          wait for Enter with the last picture on the screen\n"
	"  -q, --quiet         say nothing but errors\n"
	"  -h, --help          print this\n"
	"  -V, --version       print the version\n";

/* Returns 0, or USAGE after saying what is wrong. */
static int options_number(const char *name, const char *text, unsigned long min,
			  unsigned long max, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno &&
	    *number >= min && *number <= max)
		return 0;
	say_error("--%s takes a number from %lu to %lu, not '%s'", name, min, max,
		  text);
	return USAGE;
}

static int options_size(const char *text, struct options *options)
{
	int end = 0;

	/* %u alone would take a sign. */
	if (!text[strspn(text, "0123456789x")] &&
	    sscanf(text, "%5ux%5u%n", &options->width, &options->height, &end) == 2 &&
	    !text[end] && options->width && options->height)
		return 0;
	say_error("--size takes a width and a height such as 640x480, not '%s'",
		  text);
	return USAGE;
}

/* @option is what getopt() could not make sense of: '?' or ':'. */
static int options_refuse(int option, char *const argv[])
{
	const char *text = argv[optind - 1];

	if (option == ':')
		say_error("%s needs a value; see --help", text);
	else if (!strncmp(text, "--", 2))
		say_error("there is no option %s; see --help", text);
	else
		say_error("there is no option -%c; see --help", optopt);
	return USAGE;
}

/* Returns -1 to go on, or the exit status. */
static int options_take(struct options *options, int option, const char *text)
{
	unsigned long number;

	switch (option) {
	case 'd':
		options->camera = text;
		return -1;
	case 'c':
		options->card = text;
		return -1;
	case 's':
		return options_size(text, options) ? USAGE : -1;
	case 'b':
		if (options_number("buffers", text, BUFFERS_MIN, BUFFERS_MAX,
				   &number))
			return USAGE;
		options->buffers = number;
		return -1;
	case 'n':
		return options_number("frames", text, 1, UINT32_MAX,
				      &options->frames) ? USAGE : -1;
	case 'w':
		options->wait = true;
		return -1;
	case 'H':
		options->hold = true;
		return -1;
	case 'q':
		say_quiet();
		return -1;
	case 'V':
		puts("dmabuf-play " VERSION);
		return 0;
	case 'h':
	default:
		fputs(help, stdout);
		return 0;
	}
}

int options_parse(struct options *options, int argc, char *argv[])
{
	static const struct option known[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "card", required_argument, NULL, 'c' },
		{ "size", required_argument, NULL, 's' },
		{ "buffers", required_argument, NULL, 'b' },
		{ "frames", required_argument, NULL, 'n' },
		{ "wait", no_argument, NULL, 'w' },
		{ "hold", no_argument, NULL, 'H' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int option, status;

	*options = (struct options){ .buffers = 3 };
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":d:c:s:b:n:wHqhV", known,
				     NULL)) != -1) {
		if (option == '?' || option == ':')
			return options_refuse(option, argv);
		status = options_take(options, option, optarg);
		if (status >= 0)
			return status;
	}
	if (optind == argc)
		return -1;
	say_error("what is '%s'? There are only options; see --help",
		  argv[optind]);
	return USAGE;
}

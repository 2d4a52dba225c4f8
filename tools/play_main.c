// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-play: a camera's picture on a screen, without a copy. The buffers come
 * from /dev/dmabuf-heap: both devices are attached to each of them while there is
 * no memory yet, and the first map then allocates memory that suits both.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "play_camera.h"
#include "play_display.h"
#include "play_options.h"
#include "play_pool.h"
#include "play_rotation.h"
#include "play_say.h"

/* All that has to be let go of at the end. */
struct player {
	struct options options;
	struct camera camera;
	struct display display;
	struct pool pool;
	struct picture picture;
	struct rotation rotation;
};

static const struct pixels *player_find_pixels(const struct player *player,
					       const drmModeModeInfo *mode)
{
	const struct pixels *pixels;

	for (pixels = picture_pixels; pixels->name; pixels++)
		if (display_has_pixels(&player->display, pixels) &&
		    camera_has_picture(&player->camera, pixels, mode->hdisplay,
				       mode->vdisplay))
			return pixels;
	return NULL;
}

static bool player_wants_mode(const struct player *player,
			      const drmModeModeInfo *mode)
{
	const struct options *options = &player->options;
	const drmModeModeInfo *best = player->rotation.mode;

	if (options->width && (mode->hdisplay != options->width ||
			       mode->vdisplay != options->height))
		return false;
	return !best || mode->hdisplay * mode->vdisplay <
			best->hdisplay * best->vdisplay;
}

/* The smallest picture that camera and display both know. */
static int player_choose_picture(struct player *player)
{
	drmModeConnector *connector = player->display.connector;
	const struct pixels *pixels;
	drmModeModeInfo *mode;
	int i;

	for (i = 0; i < connector->count_modes; i++) {
		mode = &connector->modes[i];
		if (!player_wants_mode(player, mode))
			continue;
		pixels = player_find_pixels(player, mode);
		if (!pixels)
			continue;
		player->rotation.mode = mode;
		player->picture.pixels = pixels;
		player->picture.width = mode->hdisplay;
		player->picture.height = mode->vdisplay;
	}
	if (player->rotation.mode)
		return 0;
	if (player->options.width)
		return say_error("%s and %s have no layout of pixels in common for %ux%u",
				 player->camera.path, player->display.path,
				 player->options.width, player->options.height);
	return say_error("%s and %s have no size and layout of pixels in common",
			 player->camera.path, player->display.path);
}

static int player_open(struct player *player)
{
	struct picture *picture = &player->picture;
	double rate;

	if (camera_open(&player->camera, player->options.camera) ||
	    display_open(&player->display, player->options.card))
		return -1;
	say_step("Camera: %s (%s). Display: %s (%s).", player->camera.path,
		 player->camera.name, player->display.path, player->display.name);

	if (player_choose_picture(player) ||
	    camera_set_picture(&player->camera, picture,
			       player->rotation.mode->vrefresh, &rate) ||
	    camera_reserve(&player->camera, &player->options.buffers))
		return -1;
	say_step("Both know %ux%u pixels in %s; the camera makes %.0f pictures a second.",
		 picture->width, picture->height, picture->pixels->name, rate);
	return 0;
}

static int player_make_buffers(struct player *player)
{
	struct pool *pool = &player->pool;

	if (pool_create(pool, player->options.buffers, player->picture.length))
		return -1;
	say_step("Made %u buffers of %lu bytes; no memory stands behind them yet.",
		 pool->count, (unsigned long)
		 dmabuf_heap_buffer_get_length(pool->buffer[0]));

	if (pool_attach(pool, player->camera.fd, player->camera.path,
			DBHEAP_WRITE, "capture") ||
	    pool_attach(pool, player->display.fd, player->display.path,
			DBHEAP_READ, "scanout"))
		return -1;
	say_step("Attached to each the camera, which writes, and the display, which reads.");
	return 0;
}

/* One line, or the end, of stdin; or a signal, which ends everything. */
static int player_wait_for_enter(struct player *player)
{
	struct pollfd fds[] = {
		{ .fd = player->rotation.signals, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	char byte = 0;

	while (byte != '\n') {
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return say_error("can't wait: %m");
		}
		if (fds[0].revents) {
			player->rotation.stopped = true;
			return 0;
		}
		if (read(STDIN_FILENO, &byte, 1) <= 0)
			return 0;
	}
	return 0;
}

/*
 * Both drivers may map at once when they get a buffer, and on most kernels do. So
 * this comes after both were attached.
 */
static int player_hand_out(struct player *player)
{
	struct pool *pool = &player->pool;
	unsigned int i;

	for (i = 0; i < pool->count; i++)
		if (camera_queue(&player->camera, i, pool_get_fd(pool, i),
				 player->picture.length))
			return pool_say_refused(pool, i, player->camera.path);
	say_step("Queued them to the camera (VIDIOC_QBUF): its map allocated their memory.");

	for (i = 0; i < pool->count; i++)
		if (display_import(&player->display, i, pool_get_fd(pool, i),
				   &player->picture))
			return pool_say_refused(pool, i, player->display.path);
	say_step("Imported them into the display (PRIME, ADDFB2).");
	return 0;
}

static void player_say_result(const struct player *player)
{
	const struct rotation *rotation = &player->rotation;
	double seconds = rotation->ended - rotation->began;
	char turns[VIDEO_MAX_FRAME * 24] = "";
	unsigned int i, used = 0;

	if (rotation->frames < 2) {
		say_step("Showed %lu picture%s.", rotation->frames,
			 rotation->frames ? "" : "s");
		return;
	}
	for (i = 0; i < player->pool.count; i++)
		used += snprintf(turns + used, sizeof(turns) - used, "%s%lu",
				 i ? ", " : "", rotation->turns[i]);
	say_step("Showed %lu pictures in %.1f s: %.1f a second.", rotation->frames,
		 seconds, (rotation->frames - 1) / seconds);
	say_step("Turns of the %u buffers: %s. Frames of the camera that were missed: %lu.",
		 player->pool.count, turns, rotation->lost);
}

static int player_run(struct player *player)
{
	struct rotation *rotation = &player->rotation;

	rotation->camera = &player->camera;
	rotation->display = &player->display;
	rotation->pool = &player->pool;
	rotation->length = player->picture.length;
	rotation->shown = ROTATION_NONE;
	rotation->coming = ROTATION_NONE;

	if (camera_start(&player->camera))
		return -1;
	say_step("Playing: the camera fills a buffer, the display shows it, and back.");
	if (rotation_run(rotation, player->options.frames))
		return -1;
	player_say_result(player);
	if (!player->options.hold || rotation->stopped)
		return 0;
	say_step("The last picture stays until Enter.");
	return player_wait_for_enter(player);
}

static int player_play(struct player *player)
{
	const unsigned long frames = player->options.frames;

	if (player_open(player) || player_make_buffers(player))
		return -1;
	if (player->options.wait) {
		say_step("Waiting for Enter.");
		if (player_wait_for_enter(player))
			return -1;
	}
	if (!player->rotation.stopped &&
	    (player_hand_out(player) || player_run(player)))
		return -1;
	if (player->rotation.frames < frames)
		return say_error("stopped by a signal after %lu of %lu pictures",
				 player->rotation.frames, frames);
	return 0;
}

/* Signals that end a program are read as events, so that it ends in order. */
static int player_catch_signals(struct player *player)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction action;
	sigset_t signals;
	size_t i;

	sigemptyset(&signals);
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		/* Ignored ones stay ignored: nohup(1) means it. */
		sigaction(ends[i], NULL, &action);
		if (action.sa_handler != SIG_IGN)
			sigaddset(&signals, ends[i]);
	}
	sigprocmask(SIG_BLOCK, &signals, NULL);
	player->rotation.signals = signalfd(-1, &signals, SFD_CLOEXEC);
	if (player->rotation.signals < 0)
		return say_error("can't catch signals: %m");
	return 0;
}

int main(int argc, char *argv[])
{
	static struct player player = {
		.camera.fd = -1,
		.display.fd = -1,
	};
	int status;

	status = options_parse(&player.options, argc, argv);
	if (status >= 0)
		return status;
	if (player_catch_signals(&player))
		return EXIT_FAILURE;
	status = player_play(&player) ? EXIT_FAILURE : EXIT_SUCCESS;
	display_close(&player.display);
	camera_close(&player.camera);
	pool_destroy(&player.pool);
	return status;
}

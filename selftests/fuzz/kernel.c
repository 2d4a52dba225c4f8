// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel as a whole: see kernel.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <linux/limits.h>

#include "heap.h"
#include "kernel.h"

#define KMEMLEAK	"/sys/kernel/debug/kmemleak"
#define LINES_AFTER	60	/* of a splat are shown */
#define WAIT_TRIES	1000	/* of 10 ms */

/* As selftests/vm/runner.sh, less what only kmemleak writes. */
static const char *const splats[] = {
	"WARNING: ", "BUG: ", "BUG at", "Oops", "KASAN", "UBSAN", "INFO: ", "refcount_t",
	"general protection", "DMA-API",
};

/*
 * Not splats of anything here:
 * - where the host gives the machine no time; a call that hangs is seen otherwise
 * - the dma-buf core's WARN about a vmap that found no memory
 * - a DRM driver that is unbound while a file of its card holds imports: it keeps
 *   them mapped until the file is closed, whoever exported them
 */
static const char *const known[][2] = {
	{ "rcu: ", "INFO: " },
	{ "INFO: ", "NMI handler" },
	{ "WARNING: ", " dma_buf_vmap" },
	{ "WARNING: ", " dma_debug_device_change" },
	{ "DMA-API: ", "pending DMA allocations while released" },
	{ "DMA-API: ", "Mapped at" },
};

int kernel_log_open(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (log < 0)
		return -errno;
	lseek(log, 0, SEEK_END);
	return log;
}

/*
 * A warning with one of these in it is not about us. The system heap maps a buffer for
 * two devices at a time as if each owned the CPU's caches, and udmabuf syncs for
 * another direction than it has mapped for; both map what can't be bounced, and the
 * heap's mmap leaves a page table that isn't as it should be where memory fails.
 */
static const char *const foreign[] = {
	" system_heap_", "_udmabuf+", "DMA-API: misc udmabuf: ",
};

/* Where nearly all of those come from. Of several at once, each has to. */
static const char foreign_place[] = " kernel/dma/";

static bool line_is_splat(const char *line)
{
	unsigned int i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strstr(line, known[i][0]) && strstr(line, known[i][1]))
			return false;
	for (i = 0; i < sizeof(splats) / sizeof(*splats); i++)
		if (strstr(line, splats[i]))
			return true;
	return false;
}

/* The next record's text; false at the end. What was overwritten is skipped. */
static bool log_next(int log, char *line, size_t room)
{
	ssize_t length;
	char *text;

	do {
		length = read(log, line, room - 1);
	} while (length < 0 && errno == EPIPE);
	if (length <= 0)
		return false;
	line[length] = 0;
	text = strchr(line, ';');
	if (text)
		memmove(line, text + 1, strlen(text));
	line[strcspn(line, "\n")] = 0;
	return true;
}

/*
 * A warning, from its first line to its last, with those of other CPUs whose lines
 * came in between. Each has at most some 6 KiB.
 */
struct warning {
	char text[64 * 1024];
	size_t length;
	int open;
	bool is_splat;
	bool is_several;
	bool is_elsewhere;	/* one of them at least is not from foreign_place */
};

/* Takes a line, if it is one of a warning's. */
static bool warning_take(struct warning *warning, const char *line)
{
	size_t room;

	if (strstr(line, "[ cut here ]")) {
		if (!warning->open)
			*warning = (struct warning) {};
		warning->is_several |= warning->open++;
	}
	if (!warning->open)
		return false;
	room = sizeof(warning->text) - warning->length;
	if (strlen(line) + 16 < room)
		warning->length += snprintf(warning->text + warning->length, room,
					    "# kernel: %s\n", line);
	warning->is_splat |= line_is_splat(line);
	warning->is_elsewhere |= strstr(line, "WARNING: ") && !strstr(line, foreign_place);
	return true;
}

/* Shows it if it counts. */
static int warning_end(struct warning *warning)
{
	bool mixed = warning->is_several && warning->is_elsewhere;
	unsigned int i;

	warning->open = 0;
	for (i = 0; !mixed && i < sizeof(foreign) / sizeof(*foreign); i++)
		if (strstr(warning->text, foreign[i]))
			return 0;
	if (warning->is_splat)
		fputs(warning->text, stdout);
	return warning->is_splat;
}

int kernel_log_splats(int log)
{
	static struct warning warning;
	int found = 0, show = 0;
	char line[8192];

	while (log >= 0 && log_next(log, line, sizeof(line))) {
		if (warning_take(&warning, line)) {
			if (strstr(line, "[ end trace ") && !--warning.open)
				found += warning_end(&warning);
			continue;
		}
		if (line_is_splat(line)) {
			found++;
			show = LINES_AFTER;
		}
		if (show) {
			show--;
			printf("# kernel: %s\n", line);
		}
	}
	/* What never came to its end is none of the harmless. */
	if (warning.open)
		found += warning_end(&warning);
	return found;
}

static bool counters_are_zero(void)
{
	struct heap_counters now = heap_counters_read();

	return !now.buffers && !now.backed && !now.pages && !now.attachments && !now.device_maps;
}

int kernel_counters_wait(void)
{
	struct heap_counters now;
	int tries;

	for (tries = 0; tries < WAIT_TRIES; tries++) {
		if (counters_are_zero())
			return 0;
		usleep(10000);
	}
	now = heap_counters_read();
	printf("# left: %lld buffers, %lld backed, %lld pages, %lld attachments, %lld maps\n",
	       now.buffers, now.backed, now.pages, now.attachments, now.device_maps);
	return -ETIMEDOUT;
}

/* The file that the runner loaded; boot.sh says in the environment where all is. */
static int module_open(void)
{
	const char *repo = getenv("repo"), *variant = getenv("VARIANT");
	struct utsname kernel;
	char path[PATH_MAX];
	int file;

	if (!repo || uname(&kernel))
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/build/%s/%s/dmabuf-heap.ko", repo, kernel.release,
		 variant && *variant ? variant : "driver");
	file = open(path, O_RDONLY | O_CLOEXEC);
	return file < 0 ? -errno : file;
}

int kernel_module_reload(void)
{
	int file = module_open(), tries, rc = -EAGAIN;

	if (file < 0)
		return file;
	/* The last user may be in the middle of its end. */
	for (tries = 0; rc == -EAGAIN && tries < WAIT_TRIES; tries++) {
		rc = syscall(SYS_delete_module, "dmabuf_heap", O_NONBLOCK) ? -errno : 0;
		if (rc == -EAGAIN)
			usleep(10000);
	}
	if (!rc)
		rc = syscall(SYS_finit_module, file, "", 0) ? -errno : 0;
	close(file);
	return rc;
}

/* One report begins with "unreferenced object" and ends before the next. */
static int leaks_count(FILE *file)
{
	char report[8192] = "", line[512];
	int found = 0;
	bool is_end;

	do {
		is_end = !fgets(line, sizeof(line), file);
		if (is_end || !strncmp(line, "unreferenced", 12)) {
			if (strstr(report, "dmabuf_heap")) {
				printf("# kernel: %s\n", report);
				found++;
			}
			report[0] = 0;
		}
		if (!is_end && strlen(report) + strlen(line) < sizeof(report))
			strcat(report, line);
	} while (!is_end);
	return found;
}

/* Only what is some seconds old counts as leaked. */
int kernel_leaks(void)
{
	FILE *file;
	int found;

	if (access(KMEMLEAK, R_OK))
		return 0;
	heap_file_write(KMEMLEAK, "scan");
	sleep(6);
	heap_file_write(KMEMLEAK, "scan");
	file = fopen(KMEMLEAK, "re");
	if (!file)
		return 0;
	found = leaks_count(file);
	fclose(file);
	return found;
}

static void file_show(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[512];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		printf("# %s", line);
	fclose(file);
}

void kernel_tasks_show(int group)
{
	char pattern[64];
	glob_t found;
	size_t i;

	snprintf(pattern, sizeof(pattern), "/proc/%d/task/*/stack", group);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++) {
		printf("# %s:\n", found.gl_pathv[i]);
		file_show(found.gl_pathv[i]);
	}
	globfree(&found);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Which processes hold a dma-buf: the walk over /proc.
 *
 * Threads: mappings belong to the process, so one thread is asked for them, the
 * first that has any (a main thread that has ended has none). Fds can belong to a
 * thread alone, after unshare(CLONE_FILES), so a thread whose table of fds is
 * another than that of the thread before it is asked as well; kcmp() tells, and
 * where it can't, the first thread that has any fds speaks for all.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "proc.h"
#include "text.h"

#define NAME_SIZE	64
#define NS_PER_S	UINT64_C(1000000000)

/* How the path of a dma-buf begins. A file can be called that, too. */
static const char dmabuf_path[] = { '/', 'd', 'm', 'a', 'b', 'u', 'f', ':' };

struct holders {
	struct holder *all;
	size_t count;
	size_t room;
	dev_t device;		/* of all dma-bufs; 0 until one was found */
	bool is_complete;
	uint64_t began_ns;
};

/* A process that is being looked at. */
struct look {
	struct holders *holders;
	struct holder holder;	/* what all its fds and mappings have in common */
	int folder;
	bool is_named;
	bool has_fds;
	bool has_maps;
};

/* That something has gone is no news; all else leaves a gap. */
static void look_missed(struct look *look)
{
	if (errno != ENOENT && errno != ESRCH)
		look->holders->is_complete = false;
}

static DIR *folder_open(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (!folder && fd >= 0)
		close(fd);
	return folder;
}

/* The next entry whose name is a number. */
static bool folder_next(DIR *folder, int *number)
{
	const struct dirent *entry;
	uint64_t value;

	while ((entry = readdir(folder))) {
		if (!text_number_read(entry->d_name, INT32_MAX, &value))
			continue;
		*number = (int)value;
		return true;
	}
	return false;
}

static void look_name(struct look *look)
{
	char *comm = look->holder.comm;
	struct stat status;
	ssize_t length = 0;
	int fd;

	if (look->is_named)
		return;
	look->is_named = true;
	if (!fstat(look->folder, &status))
		look->holder.uid = status.st_uid;
	fd = openat(look->folder, "comm", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	length = read(fd, comm, HOLDER_COMM_SIZE - 1);
	close(fd);
	comm[length > 0 ? length : 0] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
}

static struct holder *look_add(struct look *look)
{
	struct holders *holders = look->holders;

	if (holders->count == holders->room) {
		size_t room = holders->room ? 2 * holders->room : 64;
		struct holder *all = text_allocate(room, sizeof(*all));

		if (holders->count)
			memcpy(all, holders->all, holders->count * sizeof(*all));
		free(holders->all);
		holders->all = all;
		holders->room = room;
	}
	look_name(look);
	holders->all[holders->count] = look->holder;
	return &holders->all[holders->count++];
}

/*
 * All dma-bufs are on one device. It is learned from the first file that lies in
 * their file system. Until then, what this user may not ask about counts as one.
 */
static bool look_can_be_dmabuf(struct look *look, int at, const char *name,
			       dev_t device)
{
	struct holders *holders = look->holders;
	struct statfs status;
	bool is_known;
	int fd;

	if (holders->device || major(device))
		return device == holders->device;
	fd = openat(at, name, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return true;
	is_known = !fstatfs(fd, &status);
	close(fd);
	if (!is_known || status.f_type != DMA_BUF_MAGIC)
		return false;
	holders->device = device;
	return true;
}

static void look_at_fd(struct look *look, int folder, int fd)
{
	char name[NAME_SIZE], path[sizeof(dmabuf_path) + HOLDER_NAME_SIZE];
	struct stat status, link;
	struct holder *holder;
	ssize_t length;

	snprintf(name, sizeof(name), "%d", fd);
	length = readlinkat(folder, name, path, sizeof(path) - 1);
	if (length < 0)
		look_missed(look);
	if (length < (ssize_t)sizeof(dmabuf_path) ||
	    memcmp(path, dmabuf_path, sizeof(dmabuf_path)))
		return;
	path[length] = '\0';
	if (fstatat(folder, name, &link, AT_SYMLINK_NOFOLLOW) ||
	    fstatat(folder, name, &status, 0)) {
		look_missed(look);
		return;
	}
	if (!look_can_be_dmabuf(look, folder, name, status.st_dev))
		return;
	holder = look_add(look);
	holder->inode = status.st_ino;
	holder->device = status.st_dev;
	holder->fd = fd;
	holder->can_read = link.st_mode & 0400;
	holder->can_write = link.st_mode & 0200;
	holder->size = (uint64_t)status.st_size;
	snprintf(holder->name, sizeof(holder->name), "%s", path + sizeof(dmabuf_path));
}

static void look_at_fds(struct look *look, int task)
{
	char name[NAME_SIZE];
	DIR *folder;
	int fd;

	snprintf(name, sizeof(name), "task/%d/fd", task);
	folder = folder_open(look->folder, name);
	if (!folder) {
		look_missed(look);
		return;
	}
	while (folder_next(folder, &fd)) {
		look->has_fds = true;
		look_at_fd(look, dirfd(folder), fd);
	}
	closedir(folder);
}

/* "7f00-7f10 rw-s 00000000 00:0c 42        /dmabuf:name" */
static void look_at_map(struct look *look, const char *line)
{
	uint64_t begin, end, offset, inode;
	unsigned int major, minor;
	char access[8], name[NAME_SIZE];
	struct holder *holder;
	struct stat status;
	int path = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %x:%x %" SCNu64 " %n",
		   &begin, &end, access, &offset, &major, &minor, &inode, &path) < 7)
		return;
	if (!path || strncmp(line + path, dmabuf_path, sizeof(dmabuf_path)))
		return;
	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, begin, end);
	if (!look_can_be_dmabuf(look, look->folder, name, makedev(major, minor)))
		return;
	holder = look_add(look);
	holder->inode = inode;
	holder->device = makedev(major, minor);
	holder->fd = HOLDER_MAPPING;
	holder->length = end - begin;
	holder->offset = offset;
	holder->can_read = access[0] == 'r';
	holder->can_write = access[1] == 'w';
	if (!fstatat(look->folder, name, &status, 0))
		holder->size = (uint64_t)status.st_size;
	line += path + sizeof(dmabuf_path);
	snprintf(holder->name, sizeof(holder->name), "%.*s", (int)strcspn(line, "\n"), line);
}

static void look_at_maps(struct look *look, int task)
{
	char name[NAME_SIZE], *line = NULL;
	size_t size = 0;
	FILE *file;
	int fd;

	snprintf(name, sizeof(name), "task/%d/maps", task);
	fd = openat(look->folder, name, O_RDONLY | O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file) {
		look_missed(look);
		if (fd >= 0)
			close(fd);
		return;
	}
	while (getline(&line, &size, file) > 0) {
		look->has_maps = true;
		/* Most lines are about other files: spare them the parsing. */
		if (strstr(line, " /dmabuf:"))
			look_at_map(look, line);
	}
	free(line);
	fclose(file);
}

static bool look_is_other_table(const struct look *look, int before, int task)
{
	long result;

	if (!before)
		return true;
	result = syscall(SYS_kcmp, before, task, KCMP_FILES, 0, 0);
	return result > 0 || (result < 0 && !look->has_fds);
}

static void look_at_tasks(struct look *look)
{
	DIR *folder = folder_open(look->folder, "task");
	int task, before = 0;

	if (!folder) {
		look_missed(look);
		return;
	}
	while (folder_next(folder, &task)) {
		look->holder.task = task;
		if (look_is_other_table(look, before, task))
			look_at_fds(look, task);
		if (!look->has_maps)
			look_at_maps(look, task);
		before = task;
	}
	closedir(folder);
}

/* Through one open folder: a pid that is used again doesn't mix two processes. */
static void look_at_process(struct holders *holders, int root, int pid)
{
	struct look look = { .holders = holders, .holder.pid = pid };
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "%d", pid);
	look.folder = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (look.folder < 0) {
		look_missed(&look);
		return;
	}
	look_at_tasks(&look);
	close(look.folder);
}

static int number_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int holder_compare(const void *left, const void *right)
{
	const struct holder *a = left, *b = right;
	int order = number_compare(a->inode, b->inode);

	if (!order)
		order = number_compare((uint64_t)a->pid, (uint64_t)b->pid);
	/* HOLDER_MAPPING becomes the largest. */
	if (!order)
		order = number_compare((unsigned int)a->fd, (unsigned int)b->fd);
	return order ? order : number_compare(a->offset, b->offset);
}

/* Threads with tables of their own may have been seen with the same fd twice. */
static bool holder_is_repeated(const struct holder *holder,
			       const struct holder *before)
{
	return holder->fd != HOLDER_MAPPING && holder->inode == before->inode &&
	       holder->pid == before->pid && holder->fd == before->fd;
}

/* Sorts, and drops what turned out to be no dma-buf once their device was known. */
static void holders_sort(struct holders *holders)
{
	struct holder *all = holders->all;
	size_t i, kept = 0;

	if (!holders->count)
		return;
	qsort(all, holders->count, sizeof(*all), holder_compare);
	for (i = 0; i < holders->count; i++) {
		if (holders->device && all[i].device != holders->device)
			continue;
		if (kept && holder_is_repeated(&all[i], &all[kept - 1]))
			continue;
		all[kept++] = all[i];
	}
	holders->count = kept;
}

static void holders_walk(struct holders *holders, DIR *folder)
{
	bool has_first = false;
	int pid;

	while (folder_next(folder, &pid)) {
		has_first = has_first || pid == 1;
		look_at_process(holders, dirfd(folder), pid);
	}
	/* Each pid namespace has a 1. If it isn't here, hidepid hides what isn't ours. */
	if (!has_first)
		holders->is_complete = false;
}

struct holders *holders_collect(const char *root)
{
	struct holders *holders = text_allocate(1, sizeof(*holders));
	struct timespec now;
	DIR *folder;

	clock_gettime(CLOCK_MONOTONIC, &now);
	holders->began_ns = (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
	folder = folder_open(AT_FDCWD, root);
	if (!folder)
		return holders;
	holders->is_complete = true;
	holders_walk(holders, folder);
	closedir(folder);
	holders_sort(holders);
	return holders;
}

void holders_free(struct holders *holders)
{
	if (!holders)
		return;
	free(holders->all);
	free(holders);
}

/* Index of the first one with this inode or a larger one. */
static size_t holders_search(const struct holders *holders, uint64_t inode)
{
	size_t first = 0, end = holders->count;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (holders->all[middle].inode < inode)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

const struct holder *holders_find(const struct holders *holders, uint64_t inode,
				  size_t *count)
{
	size_t first = holders_search(holders, inode), end = first;

	while (end < holders->count && holders->all[end].inode == inode)
		end++;
	*count = end - first;
	return holders->all + first;
}

bool holders_next(const struct holders *holders, uint64_t *inode)
{
	size_t next;

	if (*inode == UINT64_MAX)
		return false;
	next = holders_search(holders, *inode + 1);
	if (next == holders->count)
		return false;
	*inode = holders->all[next].inode;
	return true;
}

size_t holders_count_processes(const struct holders *holders, uint64_t inode)
{
	size_t i, count, processes = 0;
	const struct holder *all = holders_find(holders, inode, &count);

	for (i = 0; i < count; i++)
		if (!i || all[i].pid != all[i - 1].pid)
			processes++;
	return processes;
}

bool holders_is_complete(const struct holders *holders)
{
	return holders->is_complete;
}

bool holders_is_before(const struct holders *holders, uint64_t when)
{
	return holders->began_ns < when;
}

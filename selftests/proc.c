// SPDX-License-Identifier: GPL-2.0
/*
 * dmabuf-ctl's walk over /proc, on folders that look like /proc: what a line of
 * maps says, files that are only called like a dma-buf, and gaps. Needs no kernel
 * module; ctl_holders.sh has the true /proc.
 */
#include "kselftest_harness.h"
#include <ftw.h>

#include "../tools/text.c"
#include "../tools/proc.c"
#include "../tools/other.c"

#define NOBODY	65534
#define NAME_OF_70	"0123456789012345678901234567890123456789012345678901234567890123456789"

FIXTURE(proc) {
	char root[64];
	struct holders *holders;
};

/* text.c wants it, for memory that can't be had. */
enum status message_error(enum status status, const char *format, ...)
{
	fprintf(stderr, "%s\n", format);
	return status;
}

/* A file of a process; folders are made on the way. */
static void proc_write(const char *root, const char *name, const char *text)
{
	char path[256];
	char *slash;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	for (slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	file = fopen(path, "w");
	if (!file)
		return;
	fputs(text, file);
	fclose(file);
}

static int entry_remove(const char *path, const struct stat *status, int type,
			struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

FIXTURE_SETUP(proc)
{
	snprintf(self->root, sizeof(self->root), "/tmp/proc.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->root));
	ASSERT_EQ(0, chmod(self->root, 0755));
	self->holders = NULL;
	proc_write(self->root, "1/comm", "init\n");
	proc_write(self->root, "1/task/1/maps", "");
	proc_write(self->root, "1/task/1/fd/not-a-number", "");
	proc_write(self->root, "self/comm", "not a number\n");
}

FIXTURE_TEARDOWN(proc)
{
	holders_free(self->holders);
	nftw(self->root, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* Two parts of one buffer, and another's, in a process whose main thread has none. */
TEST_F(proc, maps)
{
	const struct holder *holder;
	size_t count;

	proc_write(self->root, "70/comm", "odd name\n");
	proc_write(self->root, "70/task/70/maps", "");
	proc_write(self->root, "70/task/72/maps",
		   "00400000-00401000 r-xp 00000000 08:01 17                  /bin/odd\n"
		   "7f0000002000-7f0000004000 rw-s 00003000 00:0c 42          /dmabuf:a b\\012c\n"
		   "7f0000006000-7f0000007000 -w-s 00000000 00:0c 42          /dmabuf:\n"
		   "7f0000008000-7f0000009000 r--s 00000000 00:0c 18446744073709551615 /dmabuf:x\n");
	self->holders = holders_collect(self->root);
	holder = holders_find(self->holders, 42, &count);
	ASSERT_EQ(2, count);
	EXPECT_EQ(70, holder[0].pid);
	EXPECT_STREQ("odd name", holder[0].comm);
	EXPECT_EQ(HOLDER_MAPPING, holder[0].fd);
	EXPECT_EQ(0x1000, holder[0].length);
	EXPECT_EQ(0, holder[0].offset);
	EXPECT_FALSE(holder[0].can_read);
	EXPECT_TRUE(holder[0].can_write);
	EXPECT_EQ(0x2000, holder[1].length);
	EXPECT_EQ(0x3000, holder[1].offset);
	EXPECT_TRUE(holder[1].can_read);
	EXPECT_EQ(1, holders_count_processes(self->holders, 42));
	EXPECT_EQ(1, holders_count_processes(self->holders, UINT64_MAX));
	EXPECT_EQ(0, holders_count_processes(self->holders, 17));
}

/* From one dma-buf to the next, whatever their numbers; and what maps tell of one. */
TEST_F(proc, others)
{
	uint64_t inode = 0;
	struct other other;

	proc_write(self->root, "70/task/70/maps",
		   "7f0000002000-7f0000004000 rw-s 00003000 00:0c 42          /dmabuf:a b\\012c\n"
		   "7f0000006000-7f0000007000 -w-s 00000000 00:0c 42          /dmabuf:a b\\012c\n"
		   "7f0000008000-7f0000009000 r--s 00000000 00:0c 18446744073709551615 /dmabuf:\n"
		   "7f000000a000-7f000000b000 r--s 00000000 00:0c 7 /dmabuf:"
		   NAME_OF_70 "\n");
	self->holders = holders_collect(self->root);
	ASSERT_TRUE(holders_next(self->holders, &inode));
	EXPECT_EQ(7, inode);
	EXPECT_TRUE(other_read(&other, self->holders, self->root, inode));
	EXPECT_EQ(HOLDER_NAME_SIZE - 1, strlen(other.name));
	ASSERT_TRUE(holders_next(self->holders, &inode));
	EXPECT_EQ(42, inode);
	EXPECT_TRUE(other_read(&other, self->holders, self->root, inode));
	EXPECT_EQ(42, other.inode);
	EXPECT_STREQ("a b\\012c", other.name);
	EXPECT_STREQ("", other.exporter);
	EXPECT_EQ(0, other.size);
	ASSERT_TRUE(holders_next(self->holders, &inode));
	EXPECT_EQ(UINT64_MAX, inode);
	EXPECT_FALSE(holders_next(self->holders, &inode));
	EXPECT_FALSE(other_read(&other, self->holders, self->root, 43));
}

/* Many processes, in the order that the folder has them, which is any. */
TEST_F(proc, many)
{
	const struct holder *holder;
	char name[64], line[128];
	size_t i, count;

	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "%zu/task/%zu/maps", 100 + i, 100 + i);
		snprintf(line, sizeof(line),
			 "1000-2000 rw-s 0 00:0c %zu /dmabuf:\n3000-5000 rw-s 0 00:0c 9 /dmabuf:\n",
			 i % 2);
		proc_write(self->root, name, line);
	}
	self->holders = holders_collect(self->root);
	EXPECT_EQ(100, holders_count_processes(self->holders, 0));
	EXPECT_EQ(100, holders_count_processes(self->holders, 1));
	holder = holders_find(self->holders, 9, &count);
	ASSERT_EQ(200, count);
	for (i = 0; i < count; i++)
		EXPECT_EQ(100 + i, (size_t)holder[i].pid);
}

/* A file on a disk can have the name, and so can one in another place. */
TEST_F(proc, names)
{
	proc_write(self->root, "70/task/70/maps",
		   "1000-2000 rw-s 0 08:01 42 /dmabuf:disk\n"
		   "2000-3000 rw-s 0 00:0c 43 /tmp/dmabuf:other\n"
		   "3000-4000 rw-s 0 00:0c 44 /tmp/a /dmabuf:blank\n"
		   "4000-5000 rw-s 0 00:0c /dmabuf:short\n"
		   " /dmabuf:\n");
	self->holders = holders_collect(self->root);
	EXPECT_EQ(0, self->holders->count);
	EXPECT_TRUE(holders_is_complete(self->holders));
}

/* Such a file in a file system without a disk, mapped and open: it can be asked. */
TEST_F(proc, other_file)
{
	char name[128], target[160];
	struct stat status;
	char line[128];

	proc_write(self->root, "70/map_files/1000-2000", "");
	snprintf(name, sizeof(name), "%s/70/map_files/1000-2000", self->root);
	ASSERT_EQ(0, stat(name, &status));
	snprintf(line, sizeof(line), "1000-2000 rw-s 0 00:0c %ju /dmabuf:\n",
		 (uintmax_t)status.st_ino);
	proc_write(self->root, "70/task/70/maps", line);
	proc_write(self->root, "70/task/70/fd/not-a-number", "");
	snprintf(target, sizeof(target), "%s/70/task/70/fd/3", self->root);
	ASSERT_EQ(0, symlink("/dmabuf:gone", target));
	self->holders = holders_collect(self->root);
	EXPECT_EQ(0, self->holders->count);
	EXPECT_TRUE(holders_is_complete(self->holders));
}

/* A process that ended is no gap; one that is out of bounds is, and so is no 1. */
TEST_F(proc, gaps)
{
	char path[128];

	proc_write(self->root, "70/comm", "ended\n");
	self->holders = holders_collect(self->root);
	EXPECT_TRUE(holders_is_complete(self->holders));
	holders_free(self->holders);

	snprintf(path, sizeof(path), "%s/1/task/1/maps", self->root);
	ASSERT_EQ(0, chmod(path, 0));
	if (!geteuid())
		ASSERT_EQ(0, seteuid(NOBODY));
	self->holders = holders_collect(self->root);
	if (!getuid())
		ASSERT_EQ(0, seteuid(0));
	EXPECT_FALSE(holders_is_complete(self->holders));
	holders_free(self->holders);

	snprintf(path, sizeof(path), "%s/1", self->root);
	nftw(path, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
	self->holders = holders_collect(self->root);
	EXPECT_FALSE(holders_is_complete(self->holders));
	holders_free(self->holders);

	self->holders = holders_collect("/nowhere");
	EXPECT_FALSE(holders_is_complete(self->holders));
	EXPECT_EQ(0, holders_count_processes(self->holders, 42));
}

/* What is made later than the walk began isn't the walk's to tell. */
TEST_F(proc, before)
{
	self->holders = holders_collect(self->root);
	EXPECT_FALSE(holders_is_before(self->holders, 0));
	EXPECT_TRUE(holders_is_before(self->holders, UINT64_MAX));
}

TEST_HARNESS_MAIN

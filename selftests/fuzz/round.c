// SPDX-License-Identifier: GPL-2.0
/*
 * A round: see round.h. The processes are forked from one that holds nothing but
 * the shared memory and the socket, so what they leave ends with them. Kinds of
 * process: the first may unbind drivers, the second has few fds, the third isn't root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "heap.h"
#include "kernel.h"
#include "kmod/mapper.h"
#include "round.h"

#define GROUP		"fuzz"
#define FEW_FDS		64

/* A thread and its tools. */
struct thread {
	pthread_t id;
	struct shared *shared;
	struct worker worker;
	struct trace trace;
	pthread_barrier_t *start;
	unsigned int number;	/* of all workers of the round */
	__u64 answers;
};

struct shared *round_shared(void)
{
	void *map = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? NULL : map;
}

static void count(struct shared *shared, unsigned int kind, long rc, __u64 ns)
{
	int error = rc < 0 && rc > -ROUND_ERRNOS ? -rc : 0;

	atomic_fetch_add_explicit(&shared->spent[kind], ns, memory_order_relaxed);
	atomic_fetch_add_explicit(&shared->results[kind][error], 1, memory_order_relaxed);
}

static unsigned int program_run(struct thread *thread, const struct program *program)
{
	struct shared *shared = thread->shared;
	bool is_new = false;
	unsigned int i, kind;
	__u64 begin;
	long rc;

	for (i = 0; i < program->calls; i++) {
		trace_clear(&thread->trace);
		begin = heap_now();
		rc = calls_make(&thread->worker, program->words[i], &kind);
		is_new |= trace_collect(&thread->trace, &shared->cover);
		count(shared, kind, rc, heap_now() - begin);
		thread->answers = (thread->answers ^ (rc < 0 ? rc : 0)) * 0x100000001b3ULL;
	}
	if (is_new)
		corpus_add(&shared->corpus, program, shared->round);
	return program->calls;
}

static void fail_nth_open(struct thread *thread)
{
	if (thread->shared->options.may_fail)
		thread->worker.fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
}

static void *thread_run(void *arg)
{
	struct thread *thread = arg;
	struct shared *shared = thread->shared;
	struct program program;
	struct random random;
	unsigned int done = 0;

	random_init(&random, shared->options.seed, shared->round, thread->number);
	fail_nth_open(thread);
	trace_start(&thread->trace);
	worker_catch_faults(&thread->worker);
	pthread_barrier_wait(thread->start);
	while (done < shared->options.calls) {
		program_make(&program, &shared->corpus, &random);
		done += program_run(thread, &program);
	}
	atomic_fetch_add(&shared->trace, thread->worker.trace);
	atomic_fetch_add(&shared->answers, thread->answers);
	return NULL;
}

static int import_open(const char *pattern, int number)
{
	char path[64];

	snprintf(path, sizeof(path), pattern, number);
	return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* After the node, the trace and the like are open. */
static void process_become(unsigned int number)
{
	struct rlimit few = { FEW_FDS, FEW_FDS };

	if (number == 1)
		setrlimit(RLIMIT_NOFILE, &few);
	if (number == 2 && (setresgid(HEAP_NOBODY, HEAP_NOBODY, HEAP_NOBODY) ||
			    setresuid(HEAP_NOBODY, HEAP_NOBODY, HEAP_NOBODY)))
		_exit(1);
}

/* So that a round doesn't begin with calls on nothing. */
static void process_furnish(struct process *process)
{
	static const __u64 lengths[] = { HEAP_PAGE, 4 * HEAP_PAGE, 64 * HEAP_PAGE, HEAP_MIB };
	int heap = process->fds[SLOT_HEAP][0], i;

	for (i = 0; i < 4; i++) {
		process->fds[SLOT_BUFFER][i] = heap_create(heap, lengths[i]);
		process->fds[SLOT_VIDEO][i] = import_open("/dev/video%d", i);
		process->fds[SLOT_DRM][i] = import_open("/dev/dri/card%d", i);
		process->fds[SLOT_MAPPER][i] = import_open("/dev/" MAPPER_NODE, i);
	}
}

/* 0 when all threads came to their ends. */
static int process_run(struct shared *shared, unsigned int number, const int *socket)
{
	unsigned int threads = shared->options.threads, i;
	static struct thread all[ROUND_THREADS];
	static struct process process;
	pthread_barrier_t start;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (process_init(&process, number, socket))
		return 1;
	process_furnish(&process);
	process.may_unbind = shared->options.may_unbind && !number;
	pthread_barrier_init(&start, NULL, threads);
	for (i = 0; i < threads; i++) {
		all[i].shared = shared;
		all[i].start = &start;
		all[i].number = number * threads + i;
		if (worker_init(&all[i].worker, &process))
			return 1;
		trace_open(&all[i].trace);
	}
	process_become(number);
	for (i = 1; i < threads; i++)
		if (pthread_create(&all[i].id, NULL, thread_run, &all[i]))
			return 1;
	thread_run(&all[0]);
	for (i = 1; i < threads; i++)
		pthread_join(all[i].id, NULL);
	return 0;
}

/* All memory of buffers together is limited, so that no other process pays for it. */
static void group_enter(void)
{
	int rc = cgroup_create(GROUP);

	if ((!rc || rc == -EEXIST) && !cgroup_limit(GROUP, HEAP_GIB))
		cgroup_enter(GROUP);
}

static pid_t process_start(struct shared *shared, unsigned int number, const int *socket)
{
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child)
		return child;
	setpgid(0, 0);
	group_enter();
	_exit(process_run(shared, number, socket));
}

/* Waits for one child, at most until @end. -ETIMEDOUT, or its status. */
static int process_wait(pid_t child, __u64 end)
{
	int status;

	while (!waitpid(child, &status, WNOHANG)) {
		if (heap_now() > end)
			return -ETIMEDOUT;
		usleep(5000);
	}
	return status;
}

/* A task that the memory cgroup had killed is no finding: its buffers fill the group. */
static int process_end(pid_t child, __u64 end, __u64 killed)
{
	int status = process_wait(child, end);

	if (status == -ETIMEDOUT) {
		printf("# process %d doesn't come to an end\n", child);
		kernel_tasks_show(child);
		kill(-child, SIGKILL);
		waitpid(child, NULL, WNOHANG);
		return 1;
	}
	if (!status || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
			cgroup_killed(GROUP) > killed))
		return 0;
	printf("# process %d ended with status %#x\n", child, status);
	return 1;
}

int round_run(struct shared *shared)
{
	__u64 end = heap_now() + shared->options.limit * 1000000000ULL, killed;
	unsigned int processes = shared->options.processes, i;
	pid_t children[ROUND_PROCESSES];
	int socket[2], wrong = 0;

	killed = cgroup_killed(GROUP);
	if (killed == -1ULL)
		killed = 0;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, socket))
		return 1;
	for (i = 0; i < processes; i++)
		children[i] = process_start(shared, i, socket);
	close(socket[0]);
	close(socket[1]);
	for (i = 0; i < processes; i++)
		wrong += process_end(children[i], end, killed);
	cgroup_remove(GROUP);
	if (kernel_counters_wait()) {
		printf("# the module's counters are not zero\n");
		wrong++;
	}
	return wrong;
}

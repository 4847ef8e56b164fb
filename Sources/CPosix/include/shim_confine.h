#pragma once
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
static const uint32_t shim_AUDIT_ARCH = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
static const uint32_t shim_AUDIT_ARCH = AUDIT_ARCH_AARCH64;
#else
#error "the system call filter does not know this processor"
#endif

static const uint32_t shim_SECCOMP_RET_ALLOW = SECCOMP_RET_ALLOW;
static const uint32_t shim_SECCOMP_RET_ERRNO = SECCOMP_RET_ERRNO;
static const uint32_t shim_SECCOMP_RET_KILL_PROCESS = SECCOMP_RET_KILL_PROCESS;

static const int shim_RLIMIT_NPROC = RLIMIT_NPROC;
static const int shim_RLIMIT_MSGQUEUE = RLIMIT_MSGQUEUE;
static const int shim_RLIMIT_MEMLOCK = RLIMIT_MEMLOCK;

/// Makes the calling thread that of user and group `number`, without further groups.
static inline int shim_take_user(uid_t number) {
  if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, number, number, number) < 0) return -1;
  return (int)syscall(SYS_setresuid, number, number, number);
}
static inline int shim_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }
static inline int shim_not_dumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
/// Installs a seccomp filter for this thread, and for those that it starts later (seccomp(2)).
static inline int shim_filter(struct sock_filter *instructions, unsigned short count) {
  struct sock_fprog program = {.len = count, .filter = instructions};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
static inline int shim_close_from(unsigned first) { return (int)syscall(SYS_close_range, first, ~0U, 0U); }
static inline int shim_set_limit(int resource, rlim_t value) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) < 0) return -1;
  if (limit.rlim_max < value) value = limit.rlim_max;
  limit.rlim_cur = limit.rlim_max = value;
  return setrlimit(resource, &limit);
}
static inline long shim_ptrace_traceme(void) { return syscall(SYS_ptrace, 0L, 0L, 0L, 0L); }
static inline int shim_fork(void) { return (int)syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L); }

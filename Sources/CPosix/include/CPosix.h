#pragma once
// Shims for what the Swift importer cannot see: macros, variadic functions and system calls that glibc does not wrap.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <dirent.h>
#include <unistd.h>
#include "shim_confine.h"
#include "shim_spawn.h"

static inline int shim_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
  return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}
static inline int shim_renameat2(int from, const char *a, int to, const char *b, unsigned flags) {
  return (int)syscall(SYS_renameat2, from, a, to, b, flags);
}
/// Makes `to` share the data of `from` where the file system can (Btrfs, XFS); fails with EOPNOTSUPP or EXDEV elsewhere.
static inline int shim_ficlone(int to, int from) { return ioctl(to, FICLONE, from); }
static inline int shim_openat(int directory, const char *path, int flags, mode_t mode) {
  return openat(directory, path, flags, mode);
}
static const uint64_t shim_RESOLVE_BENEATH = RESOLVE_BENEATH;
static const uint64_t shim_RESOLVE_NO_SYMLINKS = RESOLVE_NO_SYMLINKS;
static const uint64_t shim_RESOLVE_NO_XDEV = RESOLVE_NO_XDEV;
static const uint64_t shim_RESOLVE_NO_MAGICLINKS = RESOLVE_NO_MAGICLINKS;
/// A file in memory that programs may be run from; kernels before 6.3 do not know MFD_EXEC, and need not be asked.
static inline int shim_memory_file(const char *name) {
  int fd = (int)syscall(SYS_memfd_create, name, 0x0002U | 0x0010U);  // MFD_ALLOW_SEALING, MFD_EXEC
  return fd < 0 && errno == EINVAL ? (int)syscall(SYS_memfd_create, name, 0x0002U) : fd;
}
/// Nobody changes it any more.
static inline int shim_seal(int fd) {
  return fcntl(fd, 1033, 0x0001 | 0x0002 | 0x0004 | 0x0008);  // F_ADD_SEALS: seal, shrink, grow, write
}
static inline int shim_syncfs(int fd) { return (int)syscall(SYS_syncfs, fd); }
static const int shim_CLONE_NEWNET = CLONE_NEWNET;
static const uint32_t shim_RENAME_NOREPLACE = RENAME_NOREPLACE;
static const uint32_t shim_RENAME_EXCHANGE = RENAME_EXCHANGE;
/// Copies the extended attributes that a file's owner may set (`user.*`); a file system without them has none to copy.
int shim_copy_user_attributes(int from, int to);

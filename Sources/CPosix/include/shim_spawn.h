#pragma once
#include <stddef.h>
#include <sys/types.h>

/// What a new process is started with. Everything is prepared by the caller: between fork and exec only
/// async-signal-safe calls are made.
struct shim_spawn_request {
  const char *path;
  char *const *arguments;
  char *const *environment;
  const char *directory;    ///< working directory, resolved in the child; NULL keeps the caller's
  int input;                ///< becomes standard input; -1 for /dev/null
  int output;               ///< becomes standard output and standard error
  int drop;                 ///< whether user, group and groups are taken on
  uid_t user;
  gid_t group;
  const gid_t *groups;
  size_t group_count;
  int namespaces;           ///< CLONE_NEW* flags given to unshare; 0 for none
  int no_new_privileges;
  mode_t mask;              ///< umask
};

/// Starts the process in a session of its own, with a SIGKILL due when the *thread* that called this ends.
/// Returns the pid and a pidfd (close-on-exec) in `pidfd`; -1 with errno, and in `step` the call that failed.
/// The text in `step` is static.
pid_t shim_spawn(const struct shim_spawn_request *request, int *pidfd, const char **step);

/// The user at the other end of a connected unix socket (SO_PEERCRED); 0, or -1 with errno.
int shim_peer_user(int socket, uid_t *user);

/// Writes one byte to `descriptor` (non-blocking) each time `signal` arrives; 0, or -1 with errno.
int shim_forward_signal(int signal, int descriptor);

/// pipe2 and accept4, with close-on-exec and without blocking.
int shim_pipe(int *ends);
int shim_accept(int socket);

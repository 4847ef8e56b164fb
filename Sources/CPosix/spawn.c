#include "shim_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct failure {
  int code;
  int step;
};

enum { SESSION, INPUT, OUTPUT, NAMESPACES, GROUPS, GROUP, USER, PRIVILEGES, DEATH, DIRECTORY, EXEC };
static const char *const steps[] = {"setsid", "stdin",  "stdout", "unshare",    "setgroups", "setgid",
                                    "setuid", "no_new_privs", "pdeathsig", "chdir", "exec"};

static void child(const struct shim_spawn_request *r, int report, int input, pid_t parent) {
  struct failure failure = {0, SESSION};
  struct sigaction standard;
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &standard, NULL);

#define STEP(name, call)        \
  do {                          \
    failure.step = name;        \
    if ((call) < 0) goto fail;  \
  } while (0)

  STEP(SESSION, setsid());
  STEP(INPUT, dup2(input, 0));
  STEP(OUTPUT, dup2(r->output, 1));
  STEP(OUTPUT, dup2(r->output, 2));
  // dup2 of a descriptor onto itself leaves its close-on-exec flag.
  for (int standard_fd = 0; standard_fd < 3; standard_fd++) fcntl(standard_fd, F_SETFD, 0);
  // Not fatal where the kernel lacks it (before 5.11): the project's descriptors are close-on-exec anyway.
  syscall(SYS_close_range, 3U, ~0U, 1U << 2);
  umask(r->mask);
  if (r->namespaces != 0) STEP(NAMESPACES, unshare(r->namespaces));
  if (r->drop) {
    // The raw calls change this one thread, which is all there is after fork; glibc's would talk to threads
    // that no longer exist.
    STEP(GROUPS, syscall(SYS_setgroups, r->group_count, r->groups));
    STEP(GROUP, syscall(SYS_setresgid, r->group, r->group, r->group));
    STEP(USER, syscall(SYS_setresuid, r->user, r->user, r->user));
  }
  if (r->no_new_privileges) STEP(PRIVILEGES, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  // After the change of user, which clears it; then look whether the parent has gone in between.
  STEP(DEATH, prctl(PR_SET_PDEATHSIG, SIGKILL));
  if (getppid() != parent) _exit(125);
  if (r->directory != NULL) STEP(DIRECTORY, chdir(r->directory));

  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  STEP(EXEC, execve(r->path, r->arguments, r->environment));
#undef STEP
fail:
  failure.code = errno;
  (void)!write(report, &failure, sizeof failure);
  _exit(126);
}

pid_t shim_spawn(const struct shim_spawn_request *request, int *pidfd, const char **step) {
  int report[2];
  int code = 0;
  *pidfd = -1;
  *step = "pipe";
  if (pipe2(report, O_CLOEXEC) < 0) return -1;
  int input = request->input < 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC)
                                 : fcntl(request->input, F_DUPFD_CLOEXEC, 3);
  if (input < 0) {
    code = errno;
    *step = "stdin";
    close(report[0]);
    close(report[1]);
    errno = code;
    return -1;
  }

  // No signal may run a handler of ours in the child.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t parent = getpid();
  pid_t pid = fork();
  if (pid == 0) child(request, report[1], input, parent);
  code = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(input);
  close(report[1]);
  if (pid < 0) {
    *step = "fork";
    close(report[0]);
    errno = code;
    return -1;
  }

  struct failure failure;
  ssize_t count;
  do count = read(report[0], &failure, sizeof failure);
  while (count < 0 && errno == EINTR);
  close(report[0]);
  if (count == (ssize_t)sizeof failure) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    *step = steps[failure.step];
    errno = failure.code;
    return -1;
  }
  // The child cannot be reaped by anybody else yet, so its number still means this process.
  int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
  if (descriptor < 0) {
    code = errno;
    kill(-pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    *step = "pidfd_open";
    errno = code;
    return -1;
  }
  fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  *pidfd = descriptor;
  return pid;
}

int shim_peer_user(int socket, uid_t *user) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -1;
  *user = peer.uid;
  return 0;
}

static volatile int forward_to = -1;

static void forward(int signal) {
  (void)signal;
  int saved = errno;
  (void)!write(forward_to, "s", 1);
  errno = saved;
}

int shim_forward_signal(int signal, int descriptor) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = forward;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  forward_to = descriptor;
  return sigaction(signal, &action, NULL);
}

int shim_pipe(int *ends) { return pipe2(ends, O_CLOEXEC | O_NONBLOCK); }

int shim_accept(int socket) { return accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

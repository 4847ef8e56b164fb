#include "CPosix.h"

// Started with standard input, output or error closed, a program would get one of these numbers for a file of its own,
// and answers and messages would be written into it. Before main, for by then the runtimes have opened theirs.
__attribute__((constructor(101))) static void open_standard_descriptors(void) {
  int opened;
  do opened = open("/dev/null", O_RDWR | O_CLOEXEC);
  while (opened >= 0 && opened <= STDERR_FILENO && fcntl(opened, F_SETFD, 0) == 0);
  if (opened > STDERR_FILENO) close(opened);
}

#include <stdlib.h>
#include <string.h>
#include "CPosix.h"

int shim_copy_user_attributes(int from, int to) {
  ssize_t length = flistxattr(from, NULL, 0);
  if (length <= 0) return length < 0 && errno != ENOTSUP ? -1 : 0;
  // Names and values have a limit of 64 KiB each (xattr(7)); what has grown meanwhile is an error.
  char *names = malloc((size_t)length), *value = malloc(65536);
  int result = names && value ? 0 : -1;
  if (result == 0 && (length = flistxattr(from, names, (size_t)length)) < 0) result = -1;
  for (char *name = names; result == 0 && name < names + length; name += strlen(name) + 1) {
    if (strncmp(name, "user.", 5) != 0) continue;
    ssize_t size = fgetxattr(from, name, value, 65536);
    if (size < 0 || fsetxattr(to, name, value, (size_t)size, 0) < 0) result = -1;
  }
  free(names);
  free(value);
  return result;
}

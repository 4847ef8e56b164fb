#include "CTSS2.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int shim_tss2_open(struct shim_tss2 *table, char *fault, size_t fault_size) {
  void *library;
  // tpm2-tss writes every failed call to standard error unless told not to. Not before main: the Swift runtime finds the
  // program's arguments by where the environment lies, and setenv(3) moves it.
  setenv("TSS2_LOG", "all+NONE", 0);
#define OPEN(name)                                                                                                    \
  library = dlopen(name, RTLD_NOW | RTLD_LOCAL);                                                                      \
  if (!library) goto failed;
#define FIND(name)                                                                                                    \
  *(void **)&table->name = dlsym(library, #name);                                                                     \
  if (!table->name) goto failed;
  OPEN("libtss2-mu.so.0")
  SHIM_TSS2_MU(FIND)
  OPEN("libtss2-tctildr.so.0")
  SHIM_TSS2_TCTILDR(FIND)
  OPEN("libtss2-esys.so.0")
  SHIM_TSS2_ESYS(FIND)
  return 0;
failed:;
  const char *reason = dlerror();
  snprintf(fault, fault_size, "%s", reason ? reason : "unknown");
  return -1;
}

#include "CTSS2.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

// tpm2-tss writes every failed call to standard error unless told not to. Told before there is a second thread, for
// setenv(3) is not safe beside others; who sets it for a search for faults is heard.
__attribute__((constructor)) static void silence(void) { setenv("TSS2_LOG", "all+NONE", 0); }

int shim_tss2_open(struct shim_tss2 *table, char *fault, size_t fault_size) {
  void *library;
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

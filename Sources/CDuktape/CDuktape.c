#include "CDuktape.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static struct {
  double now;
  int offset;
  volatile double limit; // of the process's processor time, in seconds
  volatile sig_atomic_t running;
  volatile sig_atomic_t writing;
  char last_words[512];
  size_t last_length;
  bool overdue;
  bool exhausted;
  size_t used;
  size_t memory;
  shim_native native;
} state;

static double processor_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int is_overdue(void) {
  if (!state.overdue) state.overdue = processor_seconds() > state.limit;
  return state.overdue;
}

// The engine looks at the time between its instructions, and then names the script's line; this is for what is one
// instruction to it, such as matching a regular expression. So the engine comes first.
static const double GRACE = 0.25; // seconds

static void look_at_time(int signal) {
  (void)signal;
  int kept = errno;
  if (state.running && !state.writing && processor_seconds() > state.limit + GRACE) {
    ssize_t count = write(0, state.last_words, state.last_length);
    _exit(count < 0);
  }
  errno = kept;
}

bool shim_duktape_watch(void) {
  struct sigaction action = {.sa_handler = look_at_time, .sa_flags = SA_RESTART};
  const struct timeval often = {.tv_usec = 50000};
  const struct itimerval timer = {.it_interval = often, .it_value = often};
  return sigaction(SIGPROF, &action, NULL) == 0 && setitimer(ITIMER_PROF, &timer, NULL) == 0;
}

void shim_duktape_set_last_words(const void *words, size_t length) {
  state.last_length = length < sizeof state.last_words ? length : sizeof state.last_words;
  memcpy(state.last_words, words, state.last_length);
}

void shim_duktape_set_writing(bool writing) { state.writing = writing; }

// The engine is compiled from the source that Debian's duktape-dev brings, with what its shared library lacks: a
// bound on computing, and a clock that is handed in.
#define DUK_COMPILING_DUKTAPE
#include <../share/duktape/duk_config.h>
#undef DUK_USE_INTERRUPT_COUNTER
#define DUK_USE_INTERRUPT_COUNTER
#undef DUK_USE_EXEC_TIMEOUT_CHECK
#define DUK_USE_EXEC_TIMEOUT_CHECK(udata) is_overdue()
#undef DUK_USE_DATE_GET_NOW
#define DUK_USE_DATE_GET_NOW(thread) state.now
#undef DUK_USE_DATE_GET_LOCAL_TZOFFSET
#define DUK_USE_DATE_GET_LOCAL_TZOFFSET(d) state.offset
#include <../share/duktape/duktape.c>

static duk_context *heap;

// Each block is preceded by its size, in a header that keeps malloc's alignment.
enum { HEADER = 16 };

static void *resize(void *udata, void *block, duk_size_t size) {
  (void)udata;
  char *start = block == NULL ? NULL : (char *)block - HEADER;
  size_t before = start == NULL ? 0 : *(size_t *)start;
  if (size == 0) {
    free(start);
    state.used -= before;
    return NULL;
  }
  if (size > state.memory || state.used - before > state.memory - size) {
    state.exhausted = true;
    return NULL;
  }
  char *moved = realloc(start, size + HEADER);
  if (moved == NULL) {
    state.exhausted = true;
    return NULL;
  }
  *(size_t *)moved = size;
  state.used = state.used - before + size;
  return moved + HEADER;
}

static void *allocate(void *udata, duk_size_t size) { return size == 0 ? NULL : resize(udata, NULL, size); }
static void release(void *udata, void *block) { resize(udata, block, 0); }

static void fatal(void *udata, const char *message) {
  (void)udata;
  (void)message;
  _exit(70);
}

void shim_duktape_set_clock(double now, int offset) {
  state.now = now;
  state.offset = offset;
}

void shim_duktape_set_limit(double seconds) {
  state.limit = processor_seconds() + seconds;
  state.overdue = false;
  state.exhausted = false;
}

// The constructor and its test(), kept from before the script could put others in their place.
static const char EXPRESSION[] = "expression", TEST[] = "test";

static duk_ret_t keep_expressions(duk_context *context, void *argument) {
  (void)argument;
  duk_push_global_stash(context);
  duk_get_global_string(context, "RegExp");
  duk_get_prop_string(context, -1, "prototype");
  duk_get_prop_string(context, -1, "test");
  duk_put_prop_string(context, -4, TEST);
  duk_pop(context);
  duk_put_prop_string(context, -2, EXPRESSION);
  return 0;
}

bool shim_duktape_create(size_t memory, shim_native native) {
  state.memory = memory;
  state.native = native;
  state.limit = processor_seconds() + 1;
  heap = duk_create_heap(allocate, resize, release, NULL, fatal);
  if (heap == NULL) return false;
  duk_int_t code = duk_safe_call(heap, keep_expressions, NULL, 0, 1);
  duk_pop(heap);
  return code == DUK_EXEC_SUCCESS;
}

// Pushes whether the first argument matches. What is no regular expression throws a SyntaxError.
static void match(duk_context *context, const char *expression, size_t length) {
  duk_push_global_stash(context);
  duk_get_prop_string(context, -1, TEST);
  duk_get_prop_string(context, -2, EXPRESSION);
  duk_push_lstring(context, expression, length);
  duk_new(context, 1);
  duk_dup(context, 0);
  duk_call_method(context, 1);
}

static duk_ret_t call_native(duk_context *context) {
  enum { MOST = 8 };
  static char text[SHIM_REPLY_BYTES];
  struct shim_reply reply = {.text = text};
  struct shim_argument arguments[MOST];
  int count = duk_get_top(context);
  if (count > MOST) count = MOST;
  for (int i = 0; i < count; i++) {
    struct shim_argument *a = &arguments[i];
    memset(a, 0, sizeof *a);
    if (duk_is_undefined(context, i)) {
      a->kind = SHIM_UNDEFINED;
    } else if (duk_is_null(context, i)) {
      a->kind = SHIM_NULL;
    } else if (duk_is_boolean(context, i)) {
      a->kind = SHIM_BOOLEAN;
      a->number = duk_get_boolean(context, i);
    } else if (duk_is_number(context, i)) {
      a->kind = SHIM_NUMBER;
      a->number = duk_get_number(context, i);
    } else {
      a->kind = SHIM_TEXT;
      a->text = duk_to_lstring(context, i, &a->length);
    }
  }
  state.native(duk_get_current_magic(context), arguments, count, &reply);
  switch (reply.kind) {
    case SHIM_UNDEFINED: return 0;
    case SHIM_NULL: duk_push_null(context); break;
    case SHIM_BOOLEAN: duk_push_boolean(context, reply.number != 0); break;
    case SHIM_NUMBER: duk_push_number(context, reply.number); break;
    case SHIM_TEXT: duk_push_lstring(context, reply.text, reply.length); break;
    case SHIM_ERROR:
      // The script's line is to blame, not this one.
      return duk_error(
        context, DUK_ERR_TYPE_ERROR | DUK_ERRCODE_FLAG_NOBLAME_FILELINE, "%.*s", (int)reply.length, reply.text);
    case SHIM_MATCH: match(context, reply.text, reply.length); break;
  }
  return 1;
}

struct request {
  const char *name;
  const char *text[2];
  size_t length[2];
  int number;
};

static duk_ret_t define(duk_context *context, void *argument) {
  struct request *request = argument;
  duk_push_c_function(context, call_native, DUK_VARARGS);
  duk_set_magic(context, -1, request->number);
  duk_put_global_string(context, request->name);
  return 0;
}

bool shim_duktape_define(const char *name, int number) {
  struct request request = {.name = name, .number = number};
  duk_int_t code = duk_safe_call(heap, define, &request, 0, 1);
  duk_pop(heap);
  return code == DUK_EXEC_SUCCESS;
}

static duk_ret_t run(duk_context *context, void *argument) {
  struct request *request = argument;
  duk_push_string(context, request->name);
  duk_compile_lstring_filename(context, 0, request->text[0], request->length[0]);
  duk_call(context, 0);
  return 1;
}

static duk_ret_t call(duk_context *context, void *argument) {
  struct request *request = argument;
  duk_get_global_string(context, request->name);
  for (int i = 0; i < 2; i++) duk_push_lstring(context, request->text[i], request->length[i]);
  duk_call(context, 2);
  return 1;
}

// Reading an error can run the script's own code (a getter, toString), so it is a protected call of its own.
static duk_ret_t describe(duk_context *context, void *argument) {
  struct shim_outcome *outcome = argument;
  if (outcome->failed) {
    if (duk_is_error(context, -1)) {
      duk_get_prop_string(context, -1, "lineNumber");
      outcome->line = duk_get_int(context, -1);
      duk_pop(context);
    }
  } else if (duk_is_string(context, -1)) {
    outcome->kind = SHIM_TEXT;
  } else if (duk_is_null(context, -1)) {
    outcome->kind = SHIM_NULL;
  } else if (duk_is_boolean(context, -1)) {
    outcome->kind = SHIM_BOOLEAN;
  } else if (duk_is_number(context, -1)) {
    outcome->kind = SHIM_NUMBER;
  }
  duk_size_t length;
  const char *text = duk_safe_to_lstring(context, -1, &length);
  static char kept[SHIM_REPLY_BYTES];
  outcome->length = length < sizeof kept ? length : sizeof kept;
  outcome->text = memcpy(kept, text, outcome->length);
  return 1;
}

static struct shim_outcome perform(duk_safe_call_function body, struct request *request) {
  state.running = true;
  struct shim_outcome outcome = {.failed = duk_safe_call(heap, body, request, 0, 1) != DUK_EXEC_SUCCESS};
  // Taken before the error is described, which allocates and computes too.
  outcome.exhausted = state.exhausted;
  outcome.overdue = state.overdue;
  if (outcome.overdue) shim_duktape_set_limit(0.1);
  duk_safe_call(heap, describe, &outcome, 1, 1);
  duk_pop(heap);
  state.running = false;
  return outcome;
}

struct shim_outcome shim_duktape_run(const char *script, size_t length, const char *name) {
  struct request request = {.name = name, .text = {script}, .length = {length}};
  return perform(run, &request);
}

static duk_ret_t has(duk_context *context, void *argument) {
  struct request *request = argument;
  duk_get_global_string(context, request->name);
  duk_push_boolean(context, duk_is_callable(context, -1));
  return 1;
}

bool shim_duktape_has(const char *name) {
  struct request request = {.name = name};
  duk_int_t code = duk_safe_call(heap, has, &request, 0, 1);
  bool found = code == DUK_EXEC_SUCCESS && duk_get_boolean(heap, -1);
  duk_pop(heap);
  return found;
}

struct shim_outcome shim_duktape_call(
  const char *name, const char *first, size_t first_length, const char *second, size_t second_length) {
  struct request request = {.name = name, .text = {first, second}, .length = {first_length, second_length}};
  return perform(call, &request);
}

#pragma once
// One Duktape heap for the whole process: an evaluator runs one script and ends with it.
#include <stdbool.h>
#include <stddef.h>

/// A JavaScript value on its way to or from a native function. Anything else than these arrives as its string.
/// As a reply only: SHIM_ERROR is thrown, a TypeError with the text as its message; SHIM_MATCH becomes a boolean, whether the
/// text as a regular expression matches the first argument.
enum shim_kind { SHIM_UNDEFINED, SHIM_NULL, SHIM_BOOLEAN, SHIM_NUMBER, SHIM_TEXT, SHIM_ERROR, SHIM_MATCH };

struct shim_argument {
  enum shim_kind kind;
  double number;      ///< also 0 or 1 for a boolean
  const char *text;   ///< the engine's own, valid during the call
  size_t length;      ///< bytes
};

enum { SHIM_REPLY_BYTES = 16384 };

struct shim_reply {
  enum shim_kind kind;
  double number;
  size_t length;
  char *text;         ///< room for SHIM_REPLY_BYTES
};

/// Called for the native function that was defined under `number`. It calls nothing of the engine: errors leave that
/// by longjmp, which may cross frames of C only.
typedef void (*shim_native)(int number, const struct shim_argument *arguments, int count, struct shim_reply *reply);

struct shim_outcome {
  /// SHIM_TEXT: `text` is the value's own; any other kind: `text` says what it was.
  enum shim_kind kind;
  bool failed;        ///< an exception; `text` is its message
  bool exhausted;     ///< the memory limit was met
  bool overdue;       ///< the computing limit was met
  int line;           ///< of the exception; 0 where there is none
  size_t length;      ///< SHIM_REPLY_BYTES at most; what is longer is cut
  const char *text;   ///< until the next run or call
};

/// Has the processor time looked at from now on, also inside the engine's own functions and native ones, which it does not
/// interrupt by itself. To be called before anything is given up. False: the kernel refuses.
bool shim_duktape_watch(void);
/// What is written to descriptor 0, before the process ends, when a run or call computes on although its time is over.
/// `length`: what is beyond 512 bytes is cut.
void shim_duktape_set_last_words(const void *words, size_t length);
/// While something is being written to descriptor 0, nothing comes in between.
void shim_duktape_set_writing(bool writing);
/// Makes the heap. `memory`: the most bytes that it may hold. False: not to be had.
bool shim_duktape_create(size_t memory, shim_native native);
/// Makes the global function `name`, which calls the native one with `number` (0 to 32767).
bool shim_duktape_define(const char *name, int number);
/// The time of day that the script sees, in milliseconds since 1970, and the local offset from UTC in seconds.
void shim_duktape_set_clock(double now, int offset);
/// How long the next run or call may compute, in seconds of processor time.
void shim_duktape_set_limit(double seconds);
/// Compiles and runs a whole script (UTF-8). `name` is what errors call it.
struct shim_outcome shim_duktape_run(const char *script, size_t length, const char *name);
/// Whether there is a global function of this name.
bool shim_duktape_has(const char *name);
/// Calls the global function `name` with two strings.
struct shim_outcome shim_duktape_call(
  const char *name, const char *first, size_t first_length, const char *second, size_t second_length);

/* Checks that print their outcome in the Test Anything Protocol: a line for each, with the documented rule. */
#ifndef TAP_H
#define TAP_H

#include <stdio.h>
#include <stdlib.h>

static int tap_count;
static int tap_failed;

static inline void tap_check(int holds, const char *rule, const char *file, int line)
{
  printf("%s %d - %s\n", holds ? "ok" : "not ok", ++tap_count, rule);
  if (!holds) {
    ++tap_failed;
    printf("# %s:%d\n", file, line);
  }
}

static inline void tap_equal(long long got, long long expected, const char *rule, const char *file, int line)
{
  tap_check(got == expected, rule, file, line);
  if (got != expected)
    printf("# got %lld, expected %lld\n", got, expected);
}

/* A rule that the adapter has to keep: the condition shows whether it does. */
#define CHECK(rule, condition) tap_check(!!(condition), (rule), __FILE__, __LINE__)
/* The same, of a number. */
#define CHECK_EQUAL(rule, got, expected) tap_equal((long long)(got), (long long)(expected), (rule), __FILE__, __LINE__)

/* Ends the program at once: what comes next can't be checked without this. */
#define REQUIRE(condition)                                                                   \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      printf("Bail out! %s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);         \
      exit(1);                                                                               \
    }                                                                                        \
  } while (0)

/* Ends the program's output. Returns what it exits with. */
static inline int tap_done(void)
{
  printf("1..%d\n", tap_count);
  return tap_failed != 0;
}

#endif

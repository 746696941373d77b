/* TAP for C tests: one line per check, saying what it saw when it fails.
 *
 *     int main(void) { ok(x == 3, "x is three"); same_int(x, 3, "x"); return tap_done(); }
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failures;

__attribute__((format(printf, 2, 3), unused)) static int ok(int passed, const char *format, ...)
{
    va_list arguments;
    printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    tap_failures += !passed;
    return passed;
}

__attribute__((unused)) static int same_int(long long got, long long expected, const char *what)
{
    int passed = ok(got == expected, "%s", what);
    if (!passed)
        printf("#   got %lld, expected %lld\n", got, expected);
    return passed;
}

__attribute__((unused)) static int same_text(const char *got, const char *expected,
                                             const char *what)
{
    int passed = ok(got && expected ? strcmp(got, expected) == 0 : got == expected, "%s", what);
    if (!passed)
        printf("#   got '%s'\n#   expected '%s'\n", got ? got : "(null)",
               expected ? expected : "(null)");
    return passed;
}

__attribute__((unused)) static int near(double got, double expected, double tolerance,
                                        const char *what)
{
    int passed = ok(got - expected <= tolerance && expected - got <= tolerance, "%s", what);
    if (!passed)
        printf("#   got %.9g, expected %.9g within %g\n", got, expected, tolerance);
    return passed;
}

__attribute__((unused)) static void skip(const char *what, const char *why)
{
    printf("ok %d - %s # SKIP %s\n", ++tap_count, what, why);
}

__attribute__((unused)) static int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failures != 0;
}

#endif

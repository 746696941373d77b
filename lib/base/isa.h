/* base/isa: kernels compiled once per instruction set, and the choice among them at run time.
 *
 * The Makefile compiles each source of a folder isa/ once per set with -DISA=NAME, and there every
 * external name gets the suffix _NAME (ISA_NAME). They are written with GCC's vector extensions,
 * which gcc and clang turn into the set's own instructions; only what the extensions cannot say
 * well uses intrinsics. A room gathers its kernels in one table of functions per set, lists the
 * tables by ISA_SETS, and takes the one at isa_best(). IMGUTILS_ISA=x86_64|avx2|avx512 in the
 * environment picks a lesser set, for tests; AArch64 has neon, and every other processor generic.
 */
#ifndef BASE_ISA_H
#define BASE_ISA_H

#include <stddef.h>

/* The sets that this program was compiled for, best first: EACH(name) for each. */
#if defined(__x86_64__)
#define ISA_SETS(EACH) EACH(avx512) EACH(avx2) EACH(x86_64)
#elif defined(__aarch64__)
#define ISA_SETS(EACH) EACH(neon)
#else
#define ISA_SETS(EACH) EACH(generic)
#endif

#define ISA_ONE_(name) +1
enum { ISA_COUNT = 0 ISA_SETS(ISA_ONE_) };

/* The i-th set that this processor runs, best first, as an index among ISA_SETS; ISA_COUNT after
 * the last. */
size_t isa_at(size_t i);
/* The best of them, or the one that IMGUTILS_ISA names where this processor runs it. */
size_t isa_best(void);
const char *isa_name(size_t set);

/* For the sources in isa/. */
#define ISA_PASTE_(a, b) a##_##b
#define ISA_PASTE(a, b)  ISA_PASTE_(a, b)
#define ISA_NAME(name)   ISA_PASTE(name, ISA)
#define ISA_QUOTE_(name) #name
#define ISA_QUOTE(name)  ISA_QUOTE_(name)
#define ISA_TEXT         ISA_QUOTE(ISA)

/* Before a loop of constant length: no loop, so that its array stays in registers. */
#if defined(__clang__)
#define UNROLL       _Pragma("clang loop unroll(full)")
#define UNROLL_TWICE _Pragma("clang loop unroll_count(2)")
#else
#define UNROLL       _Pragma("GCC unroll 16")
#define UNROLL_TWICE _Pragma("GCC unroll 2")
#endif

#define INLINE static inline __attribute__((always_inline, unused))

#endif

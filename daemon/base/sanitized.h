#pragma once
/*
 * base/sanitized: whether this is a build with AddressSanitizer, whose shadow memory no RLIMIT_AS lets pass (FAULTS,
 * head), and which everything is several times slower under.
 */
#if defined(__SANITIZE_ADDRESS__)
#define BUILT_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BUILT_SANITIZED 1
#endif
#endif
#ifndef BUILT_SANITIZED
#define BUILT_SANITIZED 0
#endif

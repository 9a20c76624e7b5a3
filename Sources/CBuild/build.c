#include "CBuild.h"

// Defined without quotes, because not every build system hands quotes on unchanged; without a value they are empty.
#ifndef ROSTER_COMMIT
#define ROSTER_COMMIT
#endif
#ifndef ROSTER_COMMIT_DATE
#define ROSTER_COMMIT_DATE
#endif
#ifndef ROSTER_SWIFT
#define ROSTER_SWIFT
#endif

#define QUOTED(text) QUOTE(text)
#define QUOTE(text) #text

const char *cbuild_commit(void) { return QUOTED(ROSTER_COMMIT); }
const char *cbuild_date(void) { return QUOTED(ROSTER_COMMIT_DATE); }
const char *cbuild_swift(void) { return QUOTED(ROSTER_SWIFT); }

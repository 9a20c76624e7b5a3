// What the program was built from. Package.swift puts it in, and nothing else is compiled anew when it changes.
#ifndef CBUILD_H
#define CBUILD_H

/// The commit, abbreviated; empty unless the build was told.
const char *cbuild_commit(void);

/// The day of the commit, as 2026-01-31; empty unless the build was told.
const char *cbuild_date(void);

/// The version of the Swift compiler; empty unless the build was told.
const char *cbuild_swift(void);

#endif

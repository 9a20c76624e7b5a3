// renameat2(2), which Swift's Glibc module leaves out: its header declares it for GNU sources only.
#ifndef CRENAME_SHIM_H
#define CRENAME_SHIM_H

#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Renames an entry to a name that is not taken; -1 and `errno` EEXIST if it is, EINVAL, ENOSYS or ENOTSUP if the kernel or the
/// file system cannot tell.
static inline int crename_exclusively(int from, const char *name, int to, const char *new_name) {
    return (int)syscall(SYS_renameat2, from, name, to, new_name, RENAME_NOREPLACE);
}

#endif

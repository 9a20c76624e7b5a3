import Glibc
import RosterModel

/// The errno of a failed system call. `HomeError` puts it in words, with the place and the remedy.
struct SystemError: Error, Equatable {
    let code: CInt

    init(_ code: CInt) {
        self.code = code
    }
}

/// Returns the result of the system call in `body`, retrying it while signals interrupt it.
func systemCall<Result: SignedInteger>(_ body: () -> Result) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = errno
        if code != EINTR { throw SystemError(code) }
    }
}

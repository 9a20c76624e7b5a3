import Glibc
import RosterModel

/// What a system call failed with: an errno. `HomeError` says it in words, with the place and the remedy.
struct SystemError: Error, Equatable {
    let code: CInt

    init(_ code: CInt) {
        self.code = code
    }
}

/// What the system call in `body` returns, called again for as long as signals interrupt it.
func systemCall<Result: SignedInteger>(_ body: () -> Result) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = errno
        if code != EINTR { throw SystemError(code) }
    }
}

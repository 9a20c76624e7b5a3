/// Makes home folders on the shared file system. What RosterHomes offers, declared here so that nothing else need import it.
package protocol HomeCreating: Sendable {
    /// Makes the home of a user, or finds it made: safe to run again. Blocks on the file system; never call it on an event
    /// loop or on Swift's own threads.
    /// - Throws: `HomeError`, with nothing of another's changed.
    func make(_ home: Home) throws(HomeError) -> HomeOutcome

    /// The uid that owns what stands at `home.path`; nil where nothing stands there. Follows no symbolic link.
    /// - Throws: `HomeError` where that cannot be told.
    func owner(of home: Home) throws(HomeError) -> UInt32?
}

/// A home to be made.
package struct Home: Sendable, Equatable {
    /// The mount of the shared file system, an absolute path: nothing outside it is touched. It must be there already: a
    /// mount that is missing is not made, because the share would hide what is made in its place.
    package let mount: String
    /// The home, an absolute path below `mount`.
    package let path: String
    package let uidNumber: UInt32
    package let gidNumber: UInt32
    package let mode: FileMode

    package init(mount: String, path: String, uidNumber: UInt32, gidNumber: UInt32, mode: FileMode) {
        self.mount = mount
        self.path = path
        self.uidNumber = uidNumber
        self.gidNumber = gidNumber
        self.mode = mode
    }
}

/// What making a home came to.
package enum HomeOutcome: Sendable, Equatable {
    case made
    /// It was there, owned by the user.
    case found
}

/// Why a home cannot be made: one line for the operation log, which an administrator reads.
package struct HomeError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// Creates home directories on the shared file system. RosterHomes implements it; it is declared here so that no other
/// target needs to import that one.
package protocol HomeCreating: Sendable {
    /// Creates a user's home, or finds an existing one: safe to run again. Blocks on the file system; never call it on
    /// an event loop or in Swift's cooperative thread pool.
    /// - Throws: `HomeError`; nothing that belongs to another user has been changed.
    func make(_ home: Home) throws(HomeError) -> HomeOutcome

    /// The uid of the owner of `home.path`; nil if nothing is there. Follows no symbolic link.
    /// - Throws: `HomeError` if that cannot be determined.
    func owner(of home: Home) throws(HomeError) -> UInt32?

    /// Whether the home lies where homes may be made. Does not touch the file system.
    func mayMake(_ home: Home) -> Bool
}

extension HomeCreating {
    package func mayMake(_ home: Home) -> Bool { true }
}

/// A home to create.
package struct Home: Sendable, Equatable {
    /// The mount of the shared file system, an absolute path: nothing outside it is touched. It must exist: a missing
    /// mount is not created, because the share would later hide what is created in its place.
    package let mount: String
    /// The home, an absolute path below `mount`.
    package let path: String
    package let uidNumber: UInt32
    package let gidNumber: UInt32
    package let mode: FileMode

    /// Creates the description of a home.
    package init(mount: String, path: String, uidNumber: UInt32, gidNumber: UInt32, mode: FileMode) {
        self.mount = mount
        self.path = path
        self.uidNumber = uidNumber
        self.gidNumber = gidNumber
        self.mode = mode
    }
}

/// The result of creating a home.
package enum HomeOutcome: Sendable, Equatable {
    case made
    /// It existed already and belonged to the user.
    case found
}

/// Why a home cannot be created: one line for the operation log, which an administrator reads.
package struct HomeError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    /// Creates an error from its one line of text.
    package init(_ description: String) {
        self.description = description
    }
}

/// A failure that may be shown to whoever asked.
///
/// The set of codes is closed, so that every server can translate each of them; the message is one English line that
/// names the parameter or resource at fault and never holds a secret, a statement of SQL or a file path of the server.
package struct RosterError: Error, Sendable, Equatable {
    /// What kind of failure it is. Faces translate it (`RosterError+ReturnCode.swift` for HTTP).
    package enum Code: String, Sendable, Equatable, CaseIterable {
        /// A parameter is missing, twice present or malformed.
        case invalidParameter
        /// The method or action does not exist.
        case unknownAction
        /// The access key is unknown or revoked, or the signature is wrong.
        case notAuthenticated
        /// The request's time is too far from the server's.
        case requestExpired
        /// The caller may not do this, or the resource's state forbids it.
        case permissionDenied
        /// A user of that name is there already.
        case accountExists
        /// The name breaks the cluster's rule for new ones.
        case nameMalformed
        /// No user of that name in the cluster, or none that the caller may see.
        case noSuchUser
        /// The password breaks the rule.
        case passwordUnacceptable
        /// The present password is another one.
        case passwordMismatch
        /// A cluster, zone, key or job that does not exist, or that the caller may not see.
        case notFound
        /// A number, name or resource that is taken already.
        case alreadyExists
        /// Too many calls in too short a time.
        case quotaExceeded
        /// No such API module.
        case unknownModule
        /// A fault of the program or its machine; the cause is in the log only.
        case internalError
        /// Overload or time-out: the same call may succeed later.
        case busy
        /// Reads are answered, writes are not taken now.
        case readOnly
    }

    package let code: Code
    /// One line, safe to show.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The parameter `name` is missing, doubled or malformed, as `fault` says.
    package static func invalid(_ name: String, _ fault: String) -> RosterError {
        RosterError(.invalidParameter, "\(name): \(fault)")
    }
}

extension RosterError: CustomStringConvertible {
    package var description: String { message }
}

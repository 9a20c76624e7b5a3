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

    /// What an error is about. Each server names it in its own words.
    package enum Subject: Sendable, Equatable {
        case accessKey
        /// The access key and the signature, which of them is not said.
        case credentials
        case user
        case group
        case cluster
        case zone
        case password
        /// Any other parameter, by its name in the API.
        case parameter(String)

        /// The subject that a parameter of the API names.
        package init(parameter name: String) {
            self = Self.named.first { $0.parameter == name } ?? .parameter(name)
        }

        private static let named: [Subject] = [.accessKey, .user, .group, .cluster, .zone, .password]

        /// The name of the parameter in the API.
        package var parameter: String {
            switch self {
            case .accessKey: "access_key_id"
            case .credentials: "access_key_id or signature"
            case .user: "username"
            case .group: "group_name"
            case .cluster: "cluster_id"
            case .zone: "zone"
            case .password: "password"
            case .parameter(let name): name
            }
        }
    }

    package let code: Code
    /// Nil for an error about the request as a whole, and for one that was read back from a store.
    package let subject: Subject?
    /// What is wrong with the subject: one line, safe to show.
    package let fault: String

    /// The subject, as the API names it, and the fault: one line, safe to show.
    package var message: String { subject.map { "\($0.parameter): \(fault)" } ?? fault }

    /// An error without a subject.
    package init(_ code: Code, _ message: String) {
        self.code = code
        subject = nil
        fault = message
    }

    /// An error about `subject`.
    package init(_ code: Code, _ subject: Subject, _ fault: String) {
        self.code = code
        self.subject = subject
        self.fault = fault
    }

    /// The parameter `name` is missing, doubled or malformed, as `fault` says.
    package static func invalid(_ name: String, _ fault: String) -> RosterError {
        RosterError(.invalidParameter, Subject(parameter: name), fault)
    }

    /// Stores keep the message only: what is read back equals what was written.
    package static func == (left: RosterError, right: RosterError) -> Bool {
        left.code == right.code && left.message == right.message
    }
}

extension RosterError: CustomStringConvertible {
    package var description: String { message }
}

/// An error that may be shown to the caller.
///
/// The set of codes is closed, so that every server can translate each of them. The message is one English line that
/// names the parameter or resource at fault and never contains a secret, an SQL statement or a file path of the server.
package struct RosterError: Error, Sendable, Equatable {
    /// The kind of error. Servers translate it (`RosterError+ReturnCode.swift` for HTTP).
    package enum Code: String, Sendable, Equatable, CaseIterable {
        /// A parameter is missing, duplicated or malformed.
        case invalidParameter
        /// The method or action does not exist.
        case unknownAction
        /// The access key is unknown or revoked, or the signature is wrong.
        case notAuthenticated
        /// The request's timestamp is too far from the server's clock.
        case requestExpired
        /// The caller may not do this, or the resource's state forbids it.
        case permissionDenied
        /// A user of that name already exists.
        case accountExists
        /// The name breaks the cluster's rule for new names.
        case nameMalformed
        /// The cluster has no user of that name, or none that the caller may see.
        case noSuchUser
        /// The password breaks the cluster's rule.
        case passwordUnacceptable
        /// The current password does not match.
        case passwordMismatch
        /// The cluster, zone, key or job does not exist, or the caller may not see it.
        case notFound
        /// The number, name or resource is already taken.
        case alreadyExists
        /// Too many calls in a short time.
        case quotaExceeded
        /// No such API module.
        case unknownModule
        /// A failure of the program or its machine; only the log has the cause.
        case internalError
        /// Overload or time-out: the same call may succeed later.
        case busy
        /// Reads are served, but writes are currently refused.
        case readOnly
    }

    /// What an error is about. Each server names it in its own terms.
    package enum Subject: Sendable, Equatable {
        case accessKey
        /// The access key or the signature, without saying which.
        case credentials
        case user
        case group
        case cluster
        case zone
        case password
        /// Any other parameter, by its name in the API.
        case parameter(String)

        /// The subject that the API parameter `name` stands for.
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
    /// Nil for an error about the request as a whole, and for one read back from a store.
    package let subject: Subject?
    /// What is wrong with the subject: one line, safe to show.
    package let fault: String

    /// The API's name of the subject and the fault: one line, safe to show.
    package var message: String { subject.map { "\($0.parameter): \(fault)" } ?? fault }

    /// Creates an error without a subject.
    package init(_ code: Code, _ message: String) {
        self.code = code
        subject = nil
        fault = message
    }

    /// Creates an error about `subject`.
    package init(_ code: Code, _ subject: Subject, _ fault: String) {
        self.code = code
        self.subject = subject
        self.fault = fault
    }

    /// The error for a missing, duplicate or malformed parameter `name`.
    package static func invalid(_ name: String, _ fault: String) -> RosterError {
        RosterError(.invalidParameter, Subject(parameter: name), fault)
    }

    /// Compares code and message only: stores do not keep the subject, and an error read back must equal the one
    /// written.
    package static func == (left: RosterError, right: RosterError) -> Bool {
        left.code == right.code && left.message == right.message
    }
}

extension RosterError: CustomStringConvertible {
    package var description: String { message }
}

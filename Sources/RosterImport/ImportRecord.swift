package import RosterModel

/// One user as a file gives it, unchecked. A field that the file does not have is nil.
///
/// Readers check only the syntax of the file; the plan checks the fields, for all formats.
package struct ImportRecord: Sendable, Equatable {
    /// The line of the file where the record starts, from 1.
    package var line: Int
    package var cluster: String?
    package var hpcUserID: String?
    package var account: String?
    package var username: String
    package var uidNumber: String?
    package var gidNumber: String?
    package var role: String?
    package var mode: String?
    package var nasMountPoint: String?
    /// `YYYY-MM-DDThh:mm:ssZ`.
    package var createTime: String?
    /// `YYYY-MM-DDThh:mm:ssZ`.
    package var updateTime: String?
    package var homeDirectory: String?
    package var loginShell: String?
    package var gecos: String?
    package var password: ImportedPassword?
    /// When the password was last set.
    package var passwordTime: Timestamp?
    /// The user's attributes, unchecked.
    package var attributes = UserAttributes()
    /// The attribute that locks the user; nil if the file does not lock it.
    package var lock: String?
    /// `active` or `locked`; an import locks users and never unlocks them.
    package var state: String?
    /// When the user expires: `YYYY-MM-DDThh:mm:ssZ`.
    package var expiryText: String?
    /// When the user expires, and which attribute says so.
    package var expires: Timestamp?
    package var expiresBy: String?

    /// Creates a record without optional fields.
    package init(line: Int, username: String) {
        self.line = line
        self.username = username
    }
}

/// A password as a file gives it. Its description never shows it, so that it cannot leak into a log or an error.
package enum ImportedPassword: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Clear text, to be hashed as soon as possible.
    case clear(String)
    /// A hash in a scheme that Roster can verify.
    case hash(PasswordHash)
    /// In a scheme that Roster cannot verify, such as `{ARGON2}`; the user is imported without a password.
    case unsupported(scheme: String)
    /// A hash that would take too long to verify.
    case excessive(scheme: String)

    package var description: String { "(password)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The content of a file as a reader found it.
package struct ImportFile: Sendable {
    package var records: [ImportRecord] = []
    /// Faults for which the file is rejected, in line order.
    package var faults: [ImportDiagnostic] = []
    /// What was skipped and why; this does not reject the file.
    package var skipped: [ImportDiagnostic] = []
    /// The names of groups by cluster (nil if the file does not name one) and gid.
    package var groupNames: [GroupKey: String] = [:]
    /// Groups in file order.
    package var groups: [ImportedGroup] = []
    /// Clusters by identifier, if the file has their settings.
    package var clusters: [String: ImportedCluster] = [:]
    /// The attributes that the file declares, in file order.
    package var declarations: [AttributeDeclaration] = []
    /// The attributes that its users can have.
    package var catalog: AttributeCatalog = .standard
    /// Map entries and units in file order.
    package var mapEntries: [ImportedMapEntry] = []

    /// The cluster, if the file names one, and the gid of a group.
    package struct GroupKey: Sendable, Hashable {
        package var cluster: String?
        package var gidNumber: UInt32

        /// Creates a key.
        package init(cluster: String?, gidNumber: UInt32) {
            self.cluster = cluster
            self.gidNumber = gidNumber
        }
    }

    /// A cluster as a file gives it. Each setting has been checked on its own.
    package struct ImportedCluster: Sendable, Equatable {
        /// The line of the file where it starts, from 1.
        package var line: Int
        package var settings: ClusterSettings
        /// Nil if the file does not give it.
        package var createTime: Timestamp?

        /// Applies the file's settings to `cluster`.
        /// - Throws: `invalidParameter` for settings that contradict each other.
        func apply(to cluster: inout Cluster) throws(RosterError) {
            try settings.apply(to: &cluster)
            cluster.createTime = createTime ?? cluster.createTime
        }
    }

    /// A group as a file gives it.
    package struct ImportedGroup: Sendable, Equatable {
        /// The line of the file where it starts, from 1.
        package var line: Int
        /// Nil if the file does not give it.
        package var cluster: String?
        package var name: String
        /// POSIX gid, 1 to 4294967294; nil if the file does not give one.
        package var gidNumber: UInt32?
        /// The names of members, whether users or not.
        package var members: [String]
        /// The usernames of members given by DN, and the DNs of members that cannot be a user or group.
        package var memberEntries: [String] = []
        /// The names of member groups.
        package var memberGroups: [String] = []
        /// Whether the file marks it as the cluster's own group.
        package var isPrimary = false
        /// Nil if the file does not give it.
        package var createTime: Timestamp?
        /// Nil if the file does not give it.
        package var updateTime: Timestamp?
        /// The file that `line` is in; nil means the imported file itself.
        package var source: String?

        /// Creates a group without optional parts.
        package init(line: Int, cluster: String?, name: String, gidNumber: UInt32?, members: [String]) {
            self.line = line
            self.cluster = cluster
            self.name = name
            self.gidNumber = gidNumber
            self.members = members
        }
    }

    /// A map entry as a file gives it, or a unit that may contain some.
    package struct ImportedMapEntry: Sendable, Equatable {
        /// The line of the file where it starts, from 1.
        package var line: Int
        /// Nil if the file does not give it.
        package var cluster: String?
        /// The full DN of the entry.
        package var relativeNames: [DistinguishedName.RelativeName]
        package var kind: MapEntry.Kind
        /// The attributes, unchecked.
        package var attributes: MapAttributes

        /// Creates an entry.
        package init(
            line: Int, cluster: String?, relativeNames: [DistinguishedName.RelativeName], kind: MapEntry.Kind,
            attributes: MapAttributes
        ) {
            self.line = line
            self.cluster = cluster
            self.relativeNames = relativeNames
            self.kind = kind
            self.attributes = attributes
        }
    }

    /// Creates an empty result.
    package init() {}
}

/// A diagnostic about a line of a file. Its message never contains a password.
package struct ImportDiagnostic: Sendable, Equatable {
    /// Counts from 1; 0 means the file as a whole.
    package let line: Int
    package let message: String
    /// The file that the line is in; nil means the imported file itself.
    package let source: String?

    /// Creates a diagnostic.
    package init(line: Int, _ message: String, source: String? = nil) {
        self.line = line
        self.message = message
        self.source = source
    }
}

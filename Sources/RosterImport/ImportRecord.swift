package import RosterModel

/// One user as a file gives it, before anything of it is checked. A field that the file lacks is nil.
///
/// Readers check the file's syntax only; the fields are checked in one place, the plan, whatever the format.
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
    /// What the file says of the person. They are not checked yet.
    package var attributes = UserAttributes()
    /// The attribute for which the user is locked; nil where the file does not say so.
    package var lock: String?
    /// `active` or `locked`; an import locks users and never unlocks them.
    package var state: String?
    /// When the user expires: `YYYY-MM-DDThh:mm:ssZ`.
    package var expiryText: String?
    /// When the user expires, and the attribute that says so.
    package var expires: Timestamp?
    package var expiresBy: String?

    package init(line: Int, username: String) {
        self.line = line
        self.username = username
    }
}

/// A password as a file gives it. It never shows itself in a log or an error.
package enum ImportedPassword: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Clear text: to be hashed at once.
    case clear(String)
    /// In a scheme that Roster can verify.
    case hash(PasswordHash)
    /// In a scheme that Roster cannot verify (`{ARGON2}`, say); the user comes without a password.
    case unsupported(scheme: String)
    /// A hash that would take far too long to verify.
    case excessive(scheme: String)

    package var description: String { "(password)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a reader made of a file.
package struct ImportFile: Sendable {
    package var records: [ImportRecord] = []
    /// Faults that refuse the file, in the order of their lines.
    package var faults: [ImportDiagnostic] = []
    /// What was passed over and why; the file is taken all the same.
    package var skipped: [ImportDiagnostic] = []
    /// Names of groups by cluster (nil where the file does not say) and gid, where the file holds groups.
    package var groupNames: [GroupKey: String] = [:]
    /// Groups, in the order of the file.
    package var groups: [ImportedGroup] = []
    /// Clusters by their identifiers, where the file says what they are.
    package var clusters: [String: ImportedCluster] = [:]
    /// Map entries and units, in the order of the file.
    package var mapEntries: [ImportedMapEntry] = []

    package struct GroupKey: Sendable, Hashable {
        package var cluster: String?
        package var gidNumber: UInt32

        package init(cluster: String?, gidNumber: UInt32) {
            self.cluster = cluster
            self.gidNumber = gidNumber
        }
    }

    /// A cluster as a file gives it. Its settings are checked each by itself.
    package struct ImportedCluster: Sendable, Equatable {
        /// The line of the file where it starts, from 1.
        package var line: Int
        package var settings: ClusterSettings
        /// Nil where the file does not say.
        package var createTime: Timestamp?

        /// Puts what the file says over what `cluster` is.
        /// - Throws: `invalidParameter` for settings that do not go together.
        func apply(to cluster: inout Cluster) throws(RosterError) {
            try settings.apply(to: &cluster)
            cluster.createTime = createTime ?? cluster.createTime
        }
    }

    /// A group as a file gives it.
    package struct ImportedGroup: Sendable, Equatable {
        /// The line of the file where it starts, from 1.
        package var line: Int
        /// Nil where the file does not say.
        package var cluster: String?
        package var name: String
        /// POSIX gid, 1 to 4294967294; nil where the file gives none.
        package var gidNumber: UInt32?
        /// Names of members, of users or not.
        package var members: [String]
        /// Names of users that are members by their entries, and what of the file names nobody that could be one.
        package var memberEntries: [String] = []
        /// Names of groups that are members.
        package var memberGroups: [String] = []
        /// Whether the file says that it is the cluster's own group.
        package var isPrimary = false
        /// Nil where the file does not say.
        package var createTime: Timestamp?
        /// Nil where the file does not say.
        package var updateTime: Timestamp?
        /// The file that `line` is in; nil is the imported one itself.
        package var source: String?

        package init(line: Int, cluster: String?, name: String, gidNumber: UInt32?, members: [String]) {
            self.line = line
            self.cluster = cluster
            self.name = name
            self.gidNumber = gidNumber
            self.members = members
        }
    }

    /// A map entry as a file gives it, or a unit that may hold some.
    package struct ImportedMapEntry: Sendable, Equatable {
        /// The line of the file where it starts, from 1.
        package var line: Int
        /// Nil where the file does not say.
        package var cluster: String?
        /// The whole name of the entry.
        package var relativeNames: [DistinguishedName.RelativeName]
        package var kind: MapEntry.Kind
        /// They are not checked yet.
        package var attributes: MapAttributes

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

    package init() {}
}

/// Something to say about a line of a file. Its text never holds a password.
package struct ImportDiagnostic: Sendable, Equatable {
    /// From 1; 0 is the file as a whole.
    package let line: Int
    package let message: String
    /// The file that the line is in; nil is the imported one itself.
    package let source: String?

    package init(line: Int, _ message: String, source: String? = nil) {
        self.line = line
        self.message = message
        self.source = source
    }
}

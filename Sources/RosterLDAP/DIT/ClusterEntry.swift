import RosterModel

/// An entry directly below each cluster's entry.
enum ClusterEntry: Sendable {
    case people, groups
    /// The entry that makes ppolicy clients heed `pwdAccountLockedTime`.
    case policy

    var objectClasses: [ObjectClass] {
        switch self {
        case .people, .groups: Self.classesOfUnits
        case .policy: Self.classesOfPolicy
        }
    }

    /// The attributes that it may have, besides operational ones.
    var attributes: AttributeSet {
        switch self {
        case .people, .groups: Self.attributesOfUnits
        case .policy: Self.attributesOfPolicy
        }
    }

    private static let classesOfUnits: [ObjectClass] = [.top, .organizationalUnit]
    private static let classesOfPolicy: [ObjectClass] = [.top, .device, .pwdPolicy]
    private static let attributesOfUnits = Schema.standard.attributes(of: classesOfUnits)
    private static let attributesOfPolicy = Schema.standard.attributes(of: classesOfPolicy)
}

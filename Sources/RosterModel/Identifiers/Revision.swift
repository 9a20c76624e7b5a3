/// The place of a committed change in the store's log: 1 for the first, then without gaps.
package struct Revision: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let number: Int64

    @inlinable package init(_ number: Int64) {
        self.number = number
    }

    /// Before the first change.
    package static let none = Revision(0)

    package var next: Revision { Revision(number + 1) }

    package var description: String { String(number) }

    @inlinable package static func < (left: Revision, right: Revision) -> Bool { left.number < right.number }
}

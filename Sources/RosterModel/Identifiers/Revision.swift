/// The number of a committed change: 1 for the first, without gaps.
package struct Revision: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let number: Int64

    /// Creates a revision from its number.
    @inlinable package init(_ number: Int64) {
        self.number = number
    }

    /// The revision before the first change.
    package static let none = Revision(0)

    package var next: Revision { Revision(number + 1) }

    package var description: String { String(number) }

    @inlinable package static func < (left: Revision, right: Revision) -> Bool { left.number < right.number }
}

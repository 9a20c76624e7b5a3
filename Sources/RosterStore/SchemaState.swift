/// How far the schema of a store is, as a program sees it that changes nothing.
package struct SchemaState: Sendable, Equatable {
    /// The last step that was made; 0 where there is no schema.
    package let step: Int
    /// The last step that this program knows.
    package let newest: Int
    /// Whether a program made it that knows further steps.
    package let isNewer: Bool
    /// Who must bring it up, if this program may not; nil if it may.
    package let owner: String?

    /// Creates a state.
    package init(step: Int, newest: Int, isNewer: Bool, owner: String? = nil) {
        self.step = step
        self.newest = newest
        self.isNewer = isNewer
        self.owner = owner
    }
}

/// A page of the operation log, and the total number of jobs that match the query.
package struct OperationPage: Sendable, Equatable {
    package var totalCount: Int
    package var operations: [Operation]

    /// Creates a page of `operations`.
    package init(totalCount: Int, operations: [Operation]) {
        self.totalCount = totalCount
        self.operations = operations
    }
}

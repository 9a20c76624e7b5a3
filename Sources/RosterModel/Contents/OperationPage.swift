/// A page of the operation log, and how many jobs the query finds in all.
package struct OperationPage: Sendable, Equatable {
    package var totalCount: Int
    package var operations: [Operation]

    package init(totalCount: Int, operations: [Operation]) {
        self.totalCount = totalCount
        self.operations = operations
    }
}

import RosterModel

/// What an administrator says about the columns of a CSV file.
package struct CSVOptions: Sendable {
    /// What columns hold whose names do not say so, by their names in the header.
    package var columns: [String: CSVColumn]
    /// What stands between several values of an attribute in one cell; nil where a cell is one value.
    package var valueSeparator: Character?

    package init(columns: [String: CSVColumn] = [:], valueSeparator: Character? = nil) {
        self.columns = columns
        self.valueSeparator = valueSeparator
    }
}

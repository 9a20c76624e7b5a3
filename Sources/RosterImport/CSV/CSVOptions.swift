import RosterModel

/// An administrator's settings for the columns of a CSV file.
package struct CSVOptions: Sendable {
    /// The content of columns whose names do not tell it, by their names in the header.
    package var columns: [String: CSVColumn]
    /// What separates several values of an attribute in one cell; nil if a cell is one value.
    package var valueSeparator: Character?

    /// Creates options; the defaults fit a file with standard column names.
    package init(columns: [String: CSVColumn] = [:], valueSeparator: Character? = nil) {
        self.columns = columns
        self.valueSeparator = valueSeparator
    }
}

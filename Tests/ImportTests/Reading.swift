import Foundation
import RosterImport
import RosterModel

/// What the reader of `format` makes of `text`.
func read(_ text: String, as format: ImportFormat) -> ImportFile {
    ImportReader.read(Array(text.utf8), format: format)
}

/// Lines of text with LF at each end.
func lines(_ lines: String...) -> String {
    lines.map { $0 + "\n" }.joined()
}

extension ImportFile {
    /// The faults as an administrator sees them.
    var faultTexts: [String] { faults.map { "\($0.line): \($0.message)" } }
    var skippedTexts: [String] { skipped.map { "\($0.line): \($0.message)" } }
    var usernames: [String] { records.map(\.username) }
}

extension String {
    var base64: String { Data(utf8).base64EncodedString() }
}

package import RosterModel

/// The lists of an event as stores hold them: one text, separated by spaces, which no identifier contains.
extension OperationEvent {
    package var clusterText: String { clusters.map(\.text).joined(separator: " ") }

    package var resourceText: String { resources.joined(separator: " ") }

    /// Splits such a text.
    package static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
}

package import RosterModel

/// How stores keep the lists of an event: in one text, separated by spaces, which no identifier has.
extension OperationEvent {
    package var clusterText: String { clusters.map(\.text).joined(separator: " ") }

    package var resourceText: String { resources.joined(separator: " ") }

    /// The words of such a text.
    package static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
}

/// Builds the text that Prometheus reads (exposition format 0.0.4). Metrics come in the order of
/// `MetricDescription.all`, each with its help and type; one without a sample is left out.
package struct MetricsText {
    private var samples: [String: [String]] = [:]

    /// Creates a text without samples.
    package init() {}

    /// Adds a sample of a metric.
    /// - Parameters:
    ///   - name: one of `MetricDescription.all`; any other is left out.
    ///   - suffix: of the sample's name, for the parts of a histogram.
    package mutating func add(
        _ name: String, suffix: String = "", labels: [(name: String, value: String)], value: Double
    ) {
        guard MetricDescription.byName[name] != nil else { return }
        var line = name + suffix
        if !labels.isEmpty {
            line += "{" + labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
        }
        samples[name, default: []].append("\(line) \(Self.number(value))\n")
    }

    /// Adds a sample of a metric without labels.
    package mutating func add(_ name: String, _ value: Double) { add(name, labels: [], value: value) }

    /// The whole text.
    package var text: String {
        var text = ""
        for metric in MetricDescription.all {
            guard let lines = samples[metric.name] else { continue }
            text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            for line in lines { text += line }
        }
        return text
    }

    /// Whole numbers without a fraction, and infinity as Prometheus writes it.
    static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return "\(value)"
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

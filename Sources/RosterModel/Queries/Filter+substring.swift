extension Filter.Substring {
    /// Whether `text`, in UTF-8, contains the pieces in order.
    package func isIn(_ text: UnsafeBufferPointer<UInt8>, ignoresCase: Bool) -> Bool {
        func bytes(_ text: String) -> [UInt8] { ignoresCase ? FoldedText(text).bytes : Array(text.utf8) }
        var rest = (ignoresCase ? FoldedText(utf8: text).bytes : Array(text))[...]
        if let start {
            let prefix = bytes(start)
            guard rest.starts(with: prefix) else { return false }
            rest = rest.dropFirst(prefix.count)
        }
        if let end {
            let suffix = bytes(end)
            guard rest.count >= suffix.count, rest.suffix(suffix.count).elementsEqual(suffix) else { return false }
            rest = rest.dropLast(suffix.count)
        }
        for part in parts {
            let word = bytes(part)
            guard let found = rest.firstStart(of: word) else { return false }
            rest = rest[(found + word.count)...]
        }
        return true
    }
}

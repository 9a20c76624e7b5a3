import NIOCore
import RosterModel
import RosterServing

/// How to sort the entries of a search. Sort values are read from the attributes as they would be sent.
struct EntrySort: Sendable {
    private let keys: [Key]
    /// The attributes to sort by.
    let selection: AttributeSelection

    private struct Key: Sendable {
        let attributes: [Attribute]
        let rule: MatchingRule
        let isReversed: Bool
    }

    /// An attribute of the schema, or one that the site declares.
    private enum Attribute: Sendable, Equatable {
        case standard(AttributeType)
        case declared(UserAttribute)

        /// - Returns: nil for a name that the schema does not know.
        init?(_ name: ArraySlice<UInt8>, _ catalog: AttributeCatalog) {
            if let attribute = catalog.declaredAttribute(named: name) {
                self = .declared(attribute)
            } else if let type = AttributeType(name) {
                self = .standard(type)
            } else {
                return nil
            }
        }

        /// The attribute and those that have it as their supertype.
        var withSubtypes: [Attribute] {
            if case .standard(let type) = self { [self] + type.subtypes.map { .standard($0) } } else { [self] }
        }

        var equality: MatchingRule? {
            switch self {
            case .standard(let type): type.definition.equality
            case .declared(let attribute):
                if case .declared(let syntax) = attribute.syntax { syntax.equality } else { nil }
            }
        }
    }

    /// An entry's value for a key.
    enum Value: Comparable, Sendable {
        case integer(Int64)
        case bytes([UInt8])

        /// The approximate memory size.
        var byteCount: Int {
            let own = MemoryLayout<Value?>.stride
            // The header of an array.
            return if case .bytes(let bytes) = self { own + 32 + bytes.count } else { own }
        }

        static func < (left: Value, right: Value) -> Bool {
            switch (left, right) {
            case (.integer(let left), .integer(let right)): left < right
            case (.bytes(let left), .bytes(let right)): left.lexicographicallyPrecedes(right)
            case (.integer, .bytes): true
            case (.bytes, .integer): false
            }
        }
    }

    /// - Parameter catalog: the attributes that users can have.
    /// - Throws: `noSuchAttribute` or `inappropriateMatching`, for a key that cannot be sorted by.
    init(_ list: SortKeyList, catalog: AttributeCatalog) throws(SortError) {
        var keys: [Key] = []
        for key in list.keys {
            guard let attribute = Attribute(key.attribute, catalog), attribute != .standard(.userPassword) else {
                throw SortError(result: SortResult(.noSuchAttribute, attribute: key.attribute))
            }
            guard let own = attribute.equality else {
                throw SortError(result: SortResult(.inappropriateMatching, attribute: key.attribute))
            }
            var rule = own
            if let name = key.rule {
                guard let asked = MatchingRule(ordering: name), asked.applies(toValuesUnder: own) else {
                    throw SortError(result: SortResult(.inappropriateMatching, attribute: key.attribute))
                }
                rule = asked
            }
            keys.append(Key(attributes: attribute.withSubtypes, rule: rule, isReversed: key.isReversed))
        }
        self.keys = keys
        var types: [AttributeType] = []
        var declared: [UserAttribute] = []
        for attribute in keys.lazy.flatMap(\.attributes) {
            switch attribute {
            case .standard(let type): types.append(type)
            case .declared(let attribute): if !declared.contains(attribute) { declared.append(attribute) }
            }
        }
        selection = AttributeSelection(types, declared: declared, catalog: catalog)
    }

    /// The entry's value for each key, the least of several values; nil if it has none.
    /// - Parameter write: writes the entry with the attributes of `selection`, with message ID 1.
    func values(_ write: (inout ResponseWriter) -> Void) -> [Value?] {
        var writer = ResponseWriter(buffer: ByteBuffer())
        write(&writer)
        let entry = Array(writer.buffer.readableBytesView)[...]
        let attributes = (try? Self.attributes(ofEntry: entry, selection.catalog)) ?? []
        return keys.map { key in
            attributes.lazy.filter { key.attributes.contains($0.attribute) }.flatMap(\.values)
                .compactMap { Self.value($0, key.rule) }.min()
        }
    }

    private static func value(_ bytes: ArraySlice<UInt8>, _ rule: MatchingRule) -> Value? {
        if rule == .octetString { return .bytes(Array(bytes)) }
        let text = String(decoding: bytes, as: UTF8.self)
        if rule == .integer { return Int64(text).map { .integer($0) } }
        return .bytes((rule.textRule ?? TextComparison(ignoresCase: true)).prepared(text))
    }

    /// Parses a SearchResultEntry.
    private static func attributes(
        ofEntry bytes: ArraySlice<UInt8>, _ catalog: AttributeCatalog
    ) throws(BERError) -> [(attribute: Attribute, values: [ArraySlice<UInt8>])] {
        var message = try BERReader.components(ofSequence: bytes)
        _ = try message.next()
        var entry = try message.next().components()
        _ = try entry.next()
        var list = try entry.next().components()
        var attributes: [(Attribute, [ArraySlice<UInt8>])] = []
        while !list.isAtEnd {
            var components = try list.next().components()
            guard let attribute = Attribute(try components.next().octetString(), catalog) else { continue }
            var set = try components.next().components()
            var values: [ArraySlice<UInt8>] = []
            while !set.isAtEnd { values.append(try set.next().octetString()) }
            attributes.append((attribute, values))
        }
        return attributes
    }

    /// Whether the left entry comes before the right one; nil if they are equal. An entry without a value is greater
    /// than any with one.
    func areInOrder(_ left: [Value?], _ right: [Value?]) -> Bool? {
        for (place, key) in keys.enumerated() {
            switch (left[place], right[place]) {
            case (nil, nil): continue
            case (nil, _): return key.isReversed
            case (_, nil): return !key.isReversed
            case (let one?, let other?):
                if one != other { return (one < other) != key.isReversed }
            }
        }
        return nil
    }
}

/// Entries being sorted. They are sorted in runs as they arrive, and the runs are merged as entries are taken. No step
/// sorts more than one run, so a long search does not delay other connections.
struct EntrySorting<Entry> {
    let sort: EntrySort
    /// Whether entries can still be inserted.
    private(set) var isGathering = true
    private var run: [Item] = []
    /// Each run in reverse order: its next entry is the last element.
    private var runs: [[Item]] = []
    private var count = 0
    /// The memory held; released with the last copy.
    private let memory: ByteReservation

    private typealias Item = (values: [EntrySort.Value?], entry: Entry)

    /// The maximum number of entries to sort.
    private static var maximumEntries: Int { 200_000 }
    private static var runLength: Int { 4096 }

    /// - Parameter budget: the memory that all sorted searches of the server share.
    init(_ sort: EntrySort, budget: ByteBudget) {
        self.sort = sort
        memory = ByteReservation(of: budget)
    }

    /// Inserts an entry; false if there are too many, in this search or in all searches together.
    mutating func insert(_ entry: Entry, _ values: [EntrySort.Value?]) -> Bool {
        let size = values.reduce(MemoryLayout<Item>.stride) { $0 + ($1?.byteCount ?? 0) }
        guard count < Self.maximumEntries, memory.reserve(size) else { return false }
        count += 1
        run.append((values, entry))
        if run.count == Self.runLength { finishRun() }
        return true
    }

    /// The next entry in order. Nothing can be inserted after the first call.
    mutating func next() -> Entry? {
        if isGathering {
            isGathering = false
            finishRun()
        }
        var first: Int?
        for place in runs.indices {
            guard let item = runs[place].last else { continue }
            guard let best = first, let least = runs[best].last else {
                first = place
                continue
            }
            // Of equal entries, the first inserted wins: it is in the earlier run.
            if sort.areInOrder(item.values, least.values) == true { first = place }
        }
        return first.flatMap { runs[$0].popLast()?.entry }
    }

    private mutating func finishRun() {
        let order = run.indices.sorted { left, right in
            sort.areInOrder(run[left].values, run[right].values) ?? (left < right)
        }
        runs.append(order.reversed().map { run[$0] })
        run = []
    }
}

/// Why entries cannot be sorted as a client asks.
struct SortError: Error {
    let result: SortResult
}

extension EntrySorting: Sendable where Entry: Sendable {}

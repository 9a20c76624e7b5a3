import RosterModel

/// An array in pieces: changing one element of a copy copies one piece and the list of pieces, not the whole.
struct ChunkedArray<Element: Sendable>: Sendable {
    private var pieces: [[Element]] = []
    private(set) var count = 0

    private static var pieceLength: Int { 64 }

    init() {}

    init(_ elements: some Sequence<Element>) {
        for element in elements { append(element) }
    }

    subscript(index: Int) -> Element {
        get { pieces[index / Self.pieceLength][index % Self.pieceLength] }
        set { pieces[index / Self.pieceLength][index % Self.pieceLength] = newValue }
    }

    mutating func append(_ element: Element) {
        if count % Self.pieceLength == 0 { pieces.append([]) }
        pieces[pieces.count - 1].append(element)
        count += 1
    }

    var indices: Range<Int> { 0..<count }
}

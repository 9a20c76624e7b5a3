import RosterServing
import Testing

@Suite struct SharedValueTests {
    @Test func readersSeeWholeValuesWhileTheyChange() async {
        let shared = SharedValue([String](repeating: "0", count: 8))
        await withTaskGroup { group in
            group.addTask {
                for number in 1...20_000 { shared.set([String](repeating: "\(number)", count: 8)) }
            }
            for _ in 0..<4 {
                group.addTask {
                    var last = 0
                    while last < 20_000 {
                        let value = shared.value
                        #expect(value.count == 8 && Set(value).count == 1)
                        let number = Int(value[0]) ?? -1
                        #expect(number >= last)
                        last = number
                        await Task.yield()
                    }
                }
            }
        }
        #expect(shared.value == [String](repeating: "20000", count: 8))
    }
}

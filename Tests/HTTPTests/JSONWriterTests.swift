import Foundation
import NIOCore
import RosterHTTP
import RosterModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct JSONWriterTests {
    @Test(arguments: [
        "", "plain", "quote \" back \\ slash /", "line\nfeed\r\ttab", "\u{0}\u{1}\u{1F}\u{7F}", "张三 😀", "\u{2028}",
    ])
    func writesStringsThatOthersRead(text: String) throws {
        var json = JSONWriter(capacity: 4)
        json.array { $0.string(text) }
        let read = try JSONSerialization.jsonObject(with: Data(json.buffer.readableBytesView)) as? [String]
        #expect(read == [text])
    }

    @Test func separatesMembersAndElements() {
        var json = JSONWriter(capacity: 4)
        json.object { json in
            json.key("a")
            json.array { json in
                json.number(1)
                json.null()
                json.object { _ in }
                json.array { _ in }
            }
            json.key("b")
            let start = json.count
            json.string("x")
            let value = start..<json.count
            json.key("again")
            json.again(value)
            json.key("uid")
            json.quoted(4_294_967_294)
            json.key("c")
            json.number(-2)
        }
        #expect(String(buffer: json.buffer) == #"{"a":[1,null,{},[]],"b":"x","again":"x","uid":"4294967294","c":-2}"#)
    }
}

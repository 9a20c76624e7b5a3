import NIOCore
import NIOEmbedded
import RosterDirectory
import RosterLDAP
import RosterModel
import RosterSnapshot
import RosterStore
import SwiftASN1

/// A client at the other end of a channel without a socket, whose time is the test's.
final class Connection {
    let channel: NIOAsyncTestingChannel
    private var id: UInt8 = 0
    private var received: [UInt8] = []

    init(channel: NIOAsyncTestingChannel) {
        self.channel = channel
    }

    /// Sends a request and gives back all that came for it, once what ends it has come.
    func ask(
        _ request: RequestMessage, paged: PagedResults? = nil, critical: String? = nil, controls: [Control] = []
    ) async throws -> [ResponseMessage] {
        try await send([request], paged: paged, critical: critical, controls: controls)
        var all = try await answers()
        while all.last?.code == nil { all += try await later() }
        return all
    }

    /// What is answered a moment later: a password is checked on another thread, and a search goes on after a pause.
    private func later() async throws -> [ResponseMessage] {
        try await Task.sleep(for: .microseconds(200))
        return try await answers()
    }

    /// Sends requests in one go.
    func send(
        _ requests: [RequestMessage], paged: PagedResults? = nil, critical: String? = nil, controls: [Control] = []
    ) async throws {
        let page = paged.map { page in
            Control(
                type: PagedResults.type,
                value: RequestMessage.wrap(
                    0x30, [0x02, 1, UInt8(page.size)] + RequestMessage.wrap(0x04, Array(page.cookie))))
        }
        let all = [page, critical.map { Control(type: $0, isCritical: true) }].compactMap { $0 } + controls
        var bytes: [UInt8] = []
        for request in requests {
            // One byte, and none that would be negative.
            id = id % 127 + 1
            bytes += request.message(id: id, controls: all)
        }
        try await send(bytes: bytes)
    }

    func send(bytes: [UInt8]) async throws {
        try await channel.writeInbound(ByteBuffer(bytes: bytes))
    }

    var lastID: UInt8 { id }

    /// What has come since the last look, without waiting; lets the loop run until nothing more comes.
    func answers() async throws -> [ResponseMessage] {
        await channel.testingEventLoop.run()
        // A search that is not finished goes on after a pause, and is done once nothing comes for a while.
        var quiet = 0
        while quiet < 4 {
            quiet += 1
            while let buffer = try await channel.readOutbound(as: ByteBuffer.self) {
                received += Array(buffer.readableBytesView)
                quiet = 0
            }
            await channel.testingEventLoop.advanceTime(by: .microseconds(100))
        }
        return try messages()
    }

    /// The next so many answers, waited for.
    func answers(count: Int) async throws -> [ResponseMessage] {
        var all = try await answers()
        while all.count < count { all += try await later() }
        return all
    }

    private func messages() throws -> [ResponseMessage] {
        var answers: [ResponseMessage] = []
        while let length = RequestMessage.length(received) {
            answers.append(try ResponseMessage(received.prefix(length)))
            received.removeFirst(length)
        }
        return answers
    }

    /// The entries of a search that must succeed.
    func search(
        _ base: String = LDAPFixture.people, _ scope: SearchRequest.Scope = .subtree,
        _ filter: RequestMessage.Filter = .present("objectClass"),
        _ attributes: [String] = ["1.1"]
    ) async throws -> [String] {
        try await ask(.search(base, scope, filter, attributes)).compactMap(\.name)
    }

    /// From now on the client takes what is sent, or takes nothing.
    func takesAnswers(_ takes: Bool) async throws {
        let channel = channel
        try await channel.testingEventLoop.executeInContext {
            channel.isWritable = takes
            channel.pipeline.fireChannelWritabilityChanged()
        }
    }

    /// Lets time pass.
    func wait(_ time: TimeAmount) async {
        await channel.testingEventLoop.advanceTime(by: time)
    }
}

/// A request of a client.
enum RequestMessage: Sendable {
    case bind(String, String)
    case search(String, SearchRequest.Scope, Filter, [String], sizeLimit: UInt8 = 0, typesOnly: Bool = false)
    case compare(String, String, String)
    case extended(String, [UInt8]? = nil)
    case delete(String)
    case abandon(UInt8)
    case unbind

    indirect enum Filter: Sendable {
        case present(String)
        case equal(String, String)
        case atLeast(String, String)
        case not(Filter)
        case and([Filter])
        case or([Filter])
        case contains(String, String)
        /// What a value begins with, what stands in it and what it ends with; empty pieces are not sent.
        case pieces(String, initial: String, any: [String], final: String)
        case rule(String?, String?, String, dnAttributes: Bool = false)

        var bytes: [UInt8] {
            switch self {
            case .present(let type): RequestMessage.wrap(0x87, Array(type.utf8))
            case .equal(let type, let value):
                RequestMessage.wrap(0xA3, RequestMessage.octets(type) + RequestMessage.octets(value))
            case .atLeast(let type, let value):
                RequestMessage.wrap(0xA5, RequestMessage.octets(type) + RequestMessage.octets(value))
            case .not(let filter): RequestMessage.wrap(0xA2, filter.bytes)
            case .and(let filters): RequestMessage.wrap(0xA0, filters.flatMap(\.bytes))
            case .or(let filters): RequestMessage.wrap(0xA1, filters.flatMap(\.bytes))
            case .contains(let type, let part):
                RequestMessage.wrap(
                    0xA4,
                    RequestMessage.octets(type) + RequestMessage.wrap(0x30, RequestMessage.wrap(0x81, Array(part.utf8)))
                )
            case .pieces(let type, let initial, let any, let final):
                RequestMessage.wrap(
                    0xA4,
                    RequestMessage.octets(type)
                        + RequestMessage.wrap(
                            0x30,
                            ([(0x80, initial)] + any.map { (0x81, $0) } + [(0x82, final)] as [(UInt8, String)]).flatMap
                            {
                                $0.1.isEmpty ? [] : RequestMessage.wrap($0.0, Array($0.1.utf8))
                            }))
            case .rule(let rule, let type, let value, let dnAttributes):
                RequestMessage.wrap(
                    0xA9,
                    (rule.map { RequestMessage.wrap(0x81, Array($0.utf8)) } ?? [])
                        + (type.map { RequestMessage.wrap(0x82, Array($0.utf8)) } ?? [])
                        + RequestMessage.wrap(0x83, Array(value.utf8)) + (dnAttributes ? [0x84, 1, 0xFF] : []))
            }
        }
    }

    /// RFC 3062.
    static func changePassword(of identity: String?, old: String? = nil, new: String?) -> RequestMessage {
        let parts = [(0x80, identity), (0x81, old), (0x82, new)] as [(UInt8, String?)]
        let value = parts.flatMap { tag, text in text.map { wrap(tag, Array($0.utf8)) } ?? [] }
        return .extended(ExtendedRequest.modifyPassword, wrap(0x30, value))
    }

    static func wrap(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
    }

    static func octets(_ text: String) -> [UInt8] { wrap(0x04, Array(text.utf8)) }

    func message(id: UInt8, controls: [Control] = []) -> [UInt8] {
        var content: [UInt8] = [0x02, 1, id] + operation
        let list = controls.flatMap { control in
            let value = control.value.map { Self.wrap(0x04, Array($0)) } ?? []
            return Self.wrap(0x30, Self.octets(control.type) + (control.isCritical ? [1, 1, 0xFF] : []) + value)
        }
        if !list.isEmpty { content += Self.wrap(0xA0, list) }
        return Self.wrap(0x30, content)
    }

    private var operation: [UInt8] {
        switch self {
        case .bind(let name, let password):
            Self.wrap(0x60, [0x02, 1, 3] + Self.octets(name) + Self.wrap(0x80, Array(password.utf8)))
        case .search(let base, let scope, let filter, let attributes, let sizeLimit, let typesOnly):
            Self.wrap(
                0x63,
                Self.octets(base) + [0x0A, 1, UInt8(scope.rawValue), 0x0A, 1, 0, 0x02, 1, sizeLimit, 0x02, 1, 0]
                    + [0x01, 1, typesOnly ? 0xFF : 0] + filter.bytes + Self.wrap(0x30, attributes.flatMap(Self.octets)))
        case .compare(let name, let type, let value):
            Self.wrap(0x6E, Self.octets(name) + Self.wrap(0x30, Self.octets(type) + Self.octets(value)))
        case .extended(let name, let value):
            Self.wrap(0x77, Self.wrap(0x80, Array(name.utf8)) + (value.map { Self.wrap(0x81, $0) } ?? []))
        case .delete(let name): Self.wrap(0x4A, Array(name.utf8))
        case .abandon(let id): [0x50, 1, id]
        case .unbind: [0x42, 0]
        }
    }

    /// The length of the first message; nil where it is not all there.
    static func length(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 2 else { return nil }
        var (length, header) = (Int(bytes[1]), 2)
        if length >= 0x80 {
            header += length & 0x7F
            guard bytes.count >= header else { return nil }
            length = bytes[2..<header].reduce(0) { $0 << 8 | Int($1) }
        }
        return bytes.count >= header + length ? header + length : nil
    }
}

/// An answer as a client reads it.
struct ResponseMessage {
    let id: Int
    let tag: UInt
    /// Nil for an entry.
    var code: ResultCode?
    var matched = ""
    var message = ""
    /// The name of an entry; nil for what ends an operation.
    var name: String?
    var attributes: [String: [String]] = [:]
    /// The value of an extended answer.
    var valueBytes: [UInt8]?
    var value: String? { valueBytes.map { String(decoding: $0, as: UTF8.self) } }
    var cookie: [UInt8]?
    /// What became of sorting.
    var sortCode: Int?

    init(_ bytes: ArraySlice<UInt8>) throws {
        let parts = Self.children(try BER.parse(bytes))
        id = parts[0].first ?? 0
        tag = parts[1].identifier.tagNumber
        let body = Self.children(parts[1])
        if tag == 4 {
            name = body[0].string
            for attribute in Self.children(body[1]) {
                let pair = Self.children(attribute)
                attributes[pair[0].string] = Self.children(pair[1]).map(\.string)
            }
        } else {
            code = ResultCode(rawValue: UInt8(body[0].first ?? 255))
            matched = body[1].string
            message = body[2].string
            valueBytes = body.dropFirst(3).last { $0.identifier.tagNumber == 11 }?.bytes
        }
        if parts.count > 2 {
            for control in Self.children(parts[2]).map(Self.children) {
                let value = Self.children(try BER.parse(control[1].bytes))
                if control[0].string == PagedResults.type { cookie = value[1].bytes }
                if control[0].string == SortResult.type { sortCode = value[0].first }
            }
        }
    }

    private static func children(_ node: ASN1Node) -> [ASN1Node] {
        guard case .constructed(let nodes) = node.content else { return [] }
        return Array(nodes)
    }
}

extension ASN1Node {
    fileprivate var string: String {
        guard case .primitive(let bytes) = content else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate var bytes: [UInt8] {
        guard case .primitive(let bytes) = content else { return [] }
        return Array(bytes)
    }

    fileprivate var first: Int? {
        guard case .primitive(let bytes) = content else { return nil }
        return bytes.first.map { Int($0) }
    }
}

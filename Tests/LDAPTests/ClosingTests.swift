import NIOCore
import NIOEmbedded
import RosterDirectory
import RosterLDAP
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

/// When a connection is closed that nobody asked to close.
@Suite(.timeLimit(.minutes(5))) struct ClosingTests {
    private let people = LDAPFixture.people

    @Test func closesAConnectionThatAsksNothing() async throws {
        let connection = try await LDAPFixture { $0.idleTime = .seconds(60) }.connect()
        await connection.wait(.seconds(59))
        #expect(connection.channel.isActive)
        // Each request starts the time anew.
        #expect(try await connection.search("uid=zhangs,\(people)", .base).count == 1)
        await connection.wait(.seconds(59))
        #expect(connection.channel.isActive)
        await connection.wait(.seconds(2))
        #expect(!connection.channel.isActive)
        let notice = try await connection.answers()
        #expect(notice.map(\.id) == [0])
        #expect(notice.map(\.code) == [.unavailable])
    }

    @Test func whoWaitsForAnAnswerIsNotIdle() async throws {
        let users = (0..<600).map { Fixtures.user("u\($0)", uid: UInt32(20_000 + $0), cluster: LDAPFixture.cluster) }
        let connection = try await LDAPFixture(users: users) {
            $0.idleTime = .seconds(60)
            $0.stallTime = .hours(1)
        }.connect()
        try await connection.takesAnswers(false)
        try await connection.send([.search(people, .oneLevel, .contains("uid", "u"), [])])
        await connection.wait(.seconds(300))
        #expect(connection.channel.isActive)
        try await connection.takesAnswers(true)
        #expect(try await connection.answers().count == 601)
        await connection.wait(.seconds(121))
        #expect(!connection.channel.isActive)
    }

    @Test func closesAConnectionThatTakesNothing() async throws {
        let connection = try await LDAPFixture { $0.stallTime = .seconds(10) }.connect()
        try await connection.takesAnswers(false)
        await connection.wait(.seconds(9))
        try await connection.takesAnswers(true)
        try await connection.takesAnswers(false)
        // It has taken something meanwhile.
        await connection.wait(.seconds(9))
        #expect(connection.channel.isActive)
        await connection.wait(.seconds(1))
        #expect(!connection.channel.isActive)
    }

    /// Of one address a quarter; a further one is closed at once.
    @Test func anAddressHasItsShareOfTheConnections() async throws {
        let served = try await LDAPFixture()
        try await served.listening(change: { $0.maximumConnections = 8 }) { address in
            let first = try await Socket(address)
            let second = try await Socket(address)
            #expect(try await first.whoAmI())
            #expect(try await second.whoAmI())
            #expect(try await Socket(address).isClosedByTheServer())
            #expect(try await second.whoAmI())
        }
    }

    /// Beyond the maximum, a connection waits until another one closes.
    @Test func aFurtherConnectionWaits() async throws {
        let served = try await LDAPFixture()
        try await served.listening(change: { $0.maximumConnections = 1 }) { address in
            let first = try await Socket(address)
            #expect(try await first.whoAmI())
            let second = try await Socket(address)
            async let isServed = second.whoAmI()
            #expect(try await first.whoAmI())
            try await first.close()
            #expect(try await isServed)
        }
    }

    @Test func tellsEveryConnectionThatTheServerStops() async throws {
        let served = try await LDAPFixture()
        let left = try await served.listening { address in
            let socket = try await Socket(address)
            #expect(try await socket.whoAmI())
            return socket
        }
        #expect(try await left.isClosedByTheServer(saying: .unavailable))
    }
}

import NIOCore
import RosterModel
import Testing

@testable import RosterLDAP

/// The flow control of a connection, without a channel.
@Suite(.timeLimit(.minutes(5))) struct ConnectionStateTests {
    private let start = NIODeadline.uptimeNanoseconds(0)

    /// Holds the state, because an expectation cannot change a variable of its test.
    private final class Subject {
        var state: LDAPConnectionState

        init(_ state: LDAPConnectionState) {
            self.state = state
        }
    }

    private func subject(maximumQueued: Int = 2) -> Subject {
        Subject(LDAPConnectionState(idleTime: .seconds(60), maximumQueued: maximumQueued))
    }

    private func whoAmI(_ id: Int32) -> LDAPMessage {
        LDAPMessage(id: id, request: .extended(ExtendedRequest(name: ExtendedRequest.whoAmI)))
    }

    private func search(_ id: Int32) -> LDAPMessage {
        LDAPMessage(
            id: id, request: .search(SearchRequest(base: "", scope: .base, filter: .present(Array("cn".utf8)[...]))))
    }

    private func isDisconnect(_ action: LDAPConnectionState.Action, _ code: ResultCode) -> Bool {
        if case .disconnect(code, _) = action { true } else { false }
    }

    // MARK: Requests

    @Test func handlesARequestAtOnceWhereNothingIsUnderWay() {
        let subject = subject()
        #expect(subject.state.messageReceived(whoAmI(1)) == .handle(whoAmI(1)))
        #expect(subject.state.messageReceived(whoAmI(2)) == .handle(whoAmI(2)))
        #expect(subject.state.nextRequest() == .none)
    }

    @Test func handlesRequestsInOrderBehindAnOperation() {
        let subject = subject()
        subject.state.operationStarted(.bind)
        #expect(subject.state.messageReceived(whoAmI(1)) == .none)
        #expect(subject.state.messageReceived(whoAmI(2)) == .none)
        #expect(subject.state.nextRequest() == .none)
        subject.state.operationEnded()
        #expect(subject.state.nextRequest() == .handle(whoAmI(1)))
        // What comes before the queue is empty waits behind it.
        #expect(subject.state.messageReceived(whoAmI(3)) == .none)
        #expect(subject.state.nextRequest() == .handle(whoAmI(2)))
        #expect(subject.state.nextRequest() == .handle(whoAmI(3)))
        #expect(subject.state.nextRequest() == .none)
    }

    @Test func handlesNothingWhileTheClientDoesNotRead() {
        let subject = subject()
        _ = subject.state.writabilityChanged(to: false)
        #expect(subject.state.messageReceived(whoAmI(1)) == .none)
        #expect(subject.state.nextRequest() == .none)
        _ = subject.state.writabilityChanged(to: true)
        #expect(subject.state.nextRequest() == .handle(whoAmI(1)))
    }

    @Test func abandonsSearchesOnly() {
        let subject = subject(maximumQueued: 10)
        subject.state.operationStarted(.search(id: 1))
        for message in [search(2), whoAmI(3), search(4)] { #expect(subject.state.messageReceived(message) == .none) }
        #expect(subject.state.messageReceived(LDAPMessage(id: 5, request: .abandon(2))) == .none)
        #expect(subject.state.messageReceived(LDAPMessage(id: 6, request: .abandon(3))) == .none)
        #expect(subject.state.messageReceived(LDAPMessage(id: 7, request: .abandon(1))) == .dropSearch)
        #expect(subject.state.operation == nil)
        #expect(subject.state.nextRequest() == .handle(whoAmI(3)))
        subject.state.operationStarted(.bind)
        #expect(subject.state.messageReceived(LDAPMessage(id: 8, request: .abandon(3))) == .none)
        #expect(subject.state.operation == .bind)
    }

    // MARK: Reading and writing

    @Test func readsNoMoreThanMayWait() {
        let subject = subject(maximumQueued: 2)
        subject.state.operationStarted(.passwordModify)
        #expect(subject.state.readRequested() == true)
        #expect(subject.state.messageReceived(whoAmI(1)) == .none)
        #expect(subject.state.readRequested() == true)
        #expect(subject.state.messageReceived(whoAmI(2)) == .none)
        #expect(subject.state.readRequested() == false)
        #expect(subject.state.resumeReading() == false)
        subject.state.operationEnded()
        _ = subject.state.nextRequest()
        #expect(subject.state.resumeReading() == true)
        // Once only.
        #expect(subject.state.resumeReading() == false)
    }

    @Test func flushesOnceForATurn() {
        let subject = subject()
        #expect(subject.state.bytesReceived(at: start) == true)
        #expect(subject.state.defersFlush)
        subject.state.responsesWritten()
        subject.state.responsesWritten()
        subject.state.readCompleted()
        #expect(!subject.state.defersFlush)
        #expect(subject.state.flush() == true)
        #expect(subject.state.flush() == false)
    }

    @Test func oneStallTimerRunsWhileTheClientDoesNotRead() {
        let subject = subject()
        #expect(subject.state.writabilityChanged(to: true) == .none)
        #expect(subject.state.writabilityChanged(to: false) == .start)
        #expect(subject.state.writabilityChanged(to: false) == .none)
        #expect(subject.state.readRequested() == false)
        #expect(subject.state.writabilityChanged(to: true) == .cancel)
        #expect(subject.state.resumeReading() == true)
    }

    // MARK: Encryption

    @Test func takesNothingInClearBehindStartTLS() {
        let subject = subject()
        subject.state.handshakeStarted()
        #expect(subject.state.messagesDecoded(unprocessedBytes: 0) == .none)
        #expect(isDisconnect(subject.state.messagesDecoded(unprocessedBytes: 3), .protocolError))
        subject.state = self.subject().state
        subject.state.handshakeStarted()
        #expect(isDisconnect(subject.state.messageReceived(whoAmI(1)), .protocolError))
        subject.state = self.subject().state
        subject.state.operationStarted(.bind)
        _ = subject.state.messageReceived(whoAmI(1))
        _ = subject.state.messageReceived(whoAmI(2))
        subject.state.operationEnded()
        #expect(subject.state.nextRequest() == .handle(whoAmI(1)))
        subject.state.handshakeStarted()
        #expect(isDisconnect(subject.state.nextRequest(), .protocolError))
        subject.state = self.subject().state
        subject.state.handshakeStarted()
        subject.state.handshakeCompleted()
        #expect(subject.state.messageReceived(whoAmI(1)) == .handle(whoAmI(1)))
    }

    // MARK: The end

    @Test func closesWhatIsIdleAndNothingElse() {
        let subject = subject()
        subject.state.becameActive(at: start)
        _ = subject.state.bytesReceived(at: start + .seconds(20))
        let first = subject.state.idleTimerFired(at: start + .seconds(60))
        #expect(first.action == .none)
        #expect(first.next == .seconds(20))
        subject.state.operationStarted(.search(id: 1))
        let second = subject.state.idleTimerFired(at: start + .seconds(80))
        #expect(second.action == .none)
        #expect(second.next == .seconds(60))
        subject.state.operationEnded()
        #expect(isDisconnect(subject.state.idleTimerFired(at: start + .seconds(140)).action, .unavailable))
    }

    @Test func doesNothingMoreOnceItIsClosed() {
        let subject = subject()
        subject.state.operationStarted(.search(id: 1))
        _ = subject.state.messageReceived(whoAmI(2))
        #expect(subject.state.messageReceived(LDAPMessage(id: 3, request: .unbind)) == .close)
        #expect(subject.state.isClosed)
        #expect(subject.state.bytesReceived(at: start) == false)
        #expect(subject.state.messageReceived(whoAmI(4)) == .none)
        #expect(subject.state.nextRequest() == .none)
        #expect(subject.state.serverStops() == .none)
        #expect(subject.state.decodingFailed("no BER") == .none)
        #expect(!subject.state.canWrite)
    }
}

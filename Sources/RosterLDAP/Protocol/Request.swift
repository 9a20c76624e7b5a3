import RosterDirectory
import RosterModel
import RosterSnapshot

/// The requests among the choices of `protocolOp`. Writes are recognized but not parsed: the server refuses all of
/// them.
package enum Request: Sendable, Equatable {
    case bind(BindRequest)
    case unbind
    case search(SearchRequest)
    case compare(CompareRequest)
    /// The message whose responses the client no longer wants.
    case abandon(Int32)
    case extended(ExtendedRequest)
    /// `modifyRequest [6]`, `addRequest [8]`, `delRequest [10]`, `modDNRequest [12]`.
    case write(ResponseTag)
    /// A request of a known kind whose components are invalid.
    case unreadable(ResponseTag?, BERError)
    /// Not a request that a client may send.
    case unknown

    /// The responses that end an operation, by their application tag.
    package enum ResponseTag: UInt8, Sendable {
        case bind = 1
        case search = 5
        case modify = 7
        case add = 9
        case delete = 11
        case rename = 13
        case compare = 15
        case extended = 24
    }

    /// - Parameter element: an element of the application class.
    init(_ element: BERElement) {
        let number = element.tag & 0x1F
        do throws(BERError) {
            switch number {
            case 0: self = .bind(try BindRequest(element))
            case 2: self = .unbind
            case 3: self = .search(try SearchRequest(element))
            case 6: self = .write(.modify)
            case 8: self = .write(.add)
            case 10: self = .write(.delete)
            case 12: self = .write(.rename)
            case 14: self = .compare(try CompareRequest(element))
            case 16: self = .abandon(try Self.abandoned(element))
            case 23: self = .extended(try ExtendedRequest(element))
            default: self = .unknown
            }
        } catch {
            self = .unreadable(Self.answer(to: number), error)
        }
    }

    /// The response that ends a request of that tag; nil if it has none.
    private static func answer(to tag: UInt8) -> ResponseTag? {
        switch tag {
        case 0: .bind
        case 3: .search
        case 14: .compare
        case 23: .extended
        default: nil
        }
    }

    /// `AbandonRequest ::= [APPLICATION 16] MessageID`
    private static func abandoned(_ element: BERElement) throws(BERError) -> Int32 {
        Int32(try element.integer(tag: element.tag, in: 0...Int(Int32.max)))
    }
}

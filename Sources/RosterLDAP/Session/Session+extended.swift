import RosterDirectory
import RosterModel

extension Session {
    /// Handles an operation named by an object identifier.
    mutating func handle(
        _ request: ExtendedRequest, id: Int32, writer: inout ResponseWriter
    ) throws(LDAPOperationError) -> Action {
        switch request.name {
        case ExtendedRequest.whoAmI:
            let name = identity.authorizationName(in: server.settings.tree, snapshot: server.directory.snapshot)
            writer.result(id: id, .extended, .success, value: Array(name.utf8))
            return .done
        case ExtendedRequest.startTLS:
            guard !isEncrypted else {
                throw LDAPOperationError(.operationsError, "the connection is encrypted already")
            }
            guard server.settings.tls != nil else {
                throw LDAPOperationError(.protocolError, "this server has no certificate")
            }
            writer.result(id: id, .extended, .success, name: ExtendedRequest.startTLS)
            return .startTLS
        case ExtendedRequest.modifyPassword: return .modifyPassword(try passwordChange(request, id: id))
        default: throw LDAPOperationError(.protocolError, "no such extended operation")
        }
    }
}
